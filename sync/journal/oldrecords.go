package journal

import (
	"errors"
	"fmt"
	"io"
	"os"

	"groupsync/sync/groupfile"
	"groupsync/sync/internal/csvrecord"
)

// oldRecords reads the complete records of results, one at a time.
type oldRecords struct {
	File
	path    string
	store   string
	reader  *csvrecord.Reader
	decoder *csvrecord.Decoder[Record]
	format  groupfile.Format
	isTorn  bool // the last record, or the header, is incomplete
}

// oldRecord is a record and its line of the input.
type oldRecord struct {
	Record
	line int
}

// openRecords opens results of the journal's store.
func (j *Journal) openRecords(path string) (*oldRecords, error) {
	f, err := j.fsys.Open(path, os.O_RDONLY)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	o := &oldRecords{File: f, path: path, store: j.results.StoreID, reader: csvrecord.NewReader(f, ',', maxRecord), format: j.format}
	head, err := o.reader.Next()
	if err == nil && !head.Complete && (isHeaderStart(head.Data) || IsResultsHeader(head.Data)) {
		err = io.EOF
	}
	if err == io.EOF {
		o.isTorn = true // the first write was cut short
		return o, nil
	}
	ok := err == nil
	if ok {
		o.format, ok = formatOf(head.Data)
	}
	switch {
	case err != nil:
		err = fmt.Errorf("reading %s: %w", path, err)
	case !ok:
		err = fmt.Errorf("%s: %w", path, ErrNotResults)
	default:
		o.reader.Comma = o.format.Delimiter
		o.decoder, err = csvrecord.NewDecoder[Record](recordColumns(), o.format.Delimiter)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return o, nil
}

// next returns the next record, or io.EOF at the end, or before a record that is incomplete.
func (o *oldRecords) next() (r oldRecord, err error) {
	rec, err := o.nextBytes()
	if err != nil {
		return r, err
	}
	return o.decode(rec)
}

// nextBytes is next without decoding the record, which is much faster.
func (o *oldRecords) nextBytes() (rec csvrecord.Record, err error) {
	if o.decoder == nil {
		return rec, io.EOF
	}
	rec, err = o.reader.Next()
	switch {
	case err == io.EOF:
		return rec, err
	case err == nil && (rec.Torn || !rec.Complete):
		o.isTorn = true
		return rec, io.EOF
	case err != nil:
		return rec, fmt.Errorf("reading %s: %w", o.path, err)
	}
	return rec, nil
}

func (o *oldRecords) decode(rec csvrecord.Record) (r oldRecord, err error) {
	r.Record, r.line, err = decodeRecord(o.decoder, rec)
	if err == nil && r.StoreID != o.store {
		err = &StoreMismatchError{r.StoreID, o.store}
	}
	if err != nil {
		return r, fmt.Errorf("%s, line %d: %w", o.path, rec.Line, err)
	}
	return r, nil
}
