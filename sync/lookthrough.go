package sync

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"unicode/utf8"
)

// lookThrough looks for bytes that can't be read, in a file that can be read twice.
func (r *Reader) lookThrough(ctx context.Context) error {
	if r.sheet != nil || !r.options.LookThrough || r.watch == nil {
		return nil
	}
	again := &Reader{options: r.options, watch: r.watch}
	file := watched{io.NewSectionReader(r.options.File, 0, r.watch.begin.Size()), r.watch}
	if err := again.open(ctx, bufio.NewReader(newInterruptible(ctx, file, nil))); err != nil {
		return err
	}
	for {
		rec, err := again.records.next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return again.readError(err)
		case utf8.Valid(rec.data) && !(again.text.translated && bytes.ContainsRune(rec.data, utf8.RuneError)):
			continue
		}
		cells, err := cellsIn(rec.data, again.format.Delimiter)
		if err != nil {
			cells = []string{string(rec.data)} // a broken row
		}
		if reason := r.unreadable(cells); reason != "" {
			return &InputError{r.options.Name, rec.line, reason}
		}
	}
}
