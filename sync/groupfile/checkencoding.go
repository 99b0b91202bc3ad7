package groupfile

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"unicode/utf8"

	"groupsync/sync/internal/csvrecord"
)

// checkEncoding returns an error if a CSV file has bytes that cannot be decoded. It does nothing if the input can be
// read only once.
func (r *Reader) checkEncoding(ctx context.Context) error {
	if r.sheet != nil || !r.options.CheckEncoding || r.again == nil {
		return nil
	}
	again := &Reader{options: r.options, watch: r.watch, again: r.again}
	again.options.Delimiter = string(r.format.Delimiter) // do not detect it again
	file := watched{io.NewSectionReader(r.again, 0, r.again.Size()), r.watch}
	if err := again.open(ctx, bufio.NewReader(newInterruptible(ctx, file, nil))); err != nil {
		return err
	}
	for {
		rec, err := again.records.Next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return again.readError(err)
		case utf8.Valid(rec.Data) && !(again.text.converted && bytes.ContainsRune(rec.Data, utf8.RuneError)):
			continue
		}
		cells, err := csvrecord.Split(rec.Data, again.format.Delimiter)
		if err != nil {
			cells = []string{string(rec.Data)} // a broken row
		}
		if err := r.encodingError(cells); err != nil {
			return &InputError{r.options.Name, rec.Line, err}
		}
	}
}
