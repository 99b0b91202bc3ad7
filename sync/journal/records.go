package journal

import (
	"bytes"
	"errors"
	"fmt"
	"groupsync/sync/groupfile"
	"groupsync/sync/internal/csvrecord"
	"groupsync/sync/internal/quote"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// ErrNotResults is the error of a file that does not begin with the header of a results file.
var ErrNotResults = errors.New("this is not a results file of groupsync")

// Records returns the records of a results file in their order. It ends without an error before a record that is
// incomplete: a run that is still writing, or that was killed, leaves one. An empty file has no records.
// An error ends the sequence; it names the line of the file.
func Records(in io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		records := csvrecord.NewReader(in, ',', MaxJournalRecord)
		d, err := recordDecoder(records)
		if err == io.EOF {
			return
		}
		if err != nil {
			yield(Record{}, err)
			return
		}
		for {
			rec, err := records.Next()
			line := records.LineNumber
			if err == io.EOF || err == nil && (rec.Torn || !rec.Complete) {
				return
			}
			var r Record
			if err == nil {
				line = rec.Line
				r, _, err = decodeRecord(d, rec)
			}
			if err != nil {
				yield(Record{}, fmt.Errorf("line %d: %w", line, err))
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// recordDecoder reads the header of a results file. Its error is io.EOF if the header is incomplete.
func recordDecoder(records *csvrecord.Reader) (*csvrecord.Decoder[Record], error) {
	head, err := records.Next()
	if err != nil {
		return nil, err
	}
	columns, err := recordColumns()
	if err != nil {
		return nil, err
	}
	line := bytes.TrimPrefix(bytes.TrimRight(head.Data, "\r\n"), []byte("\ufeff"))
	if !head.Complete {
		for _, delimiter := range groupfile.Delimiters {
			if strings.HasPrefix(strings.Join(columns, string(delimiter)), string(line)) {
				return nil, io.EOF
			}
		}
		return nil, ErrNotResults
	}
	header := &Journal{}
	if !header.recognise(head.Data) {
		return nil, ErrNotResults
	}
	records.Comma = header.format.Delimiter
	return csvrecord.NewDecoder[Record](columns, records.Comma)
}

// decodeRecord returns a record and its line of the input. Its error is a record that groupsync did not write.
func decodeRecord(d *csvrecord.Decoder[Record], rec csvrecord.Record) (r Record, line int, err error) {
	if rec.Broken != "" {
		return r, 0, fmt.Errorf("this is not a record that groupsync wrote: %s", rec.Broken)
	}
	if r, err = d.Decode(rec.Data); err != nil {
		return r, 0, fmt.Errorf("this is not a record that groupsync wrote: %w", err)
	}
	line, err = strconv.Atoi(r.Line)
	if err != nil || !slices.Contains(Statuses(), r.Status) {
		return r, 0, fmt.Errorf("this is not a record that groupsync wrote: line %s, status %s", quote.Text(r.Line), quote.Text(string(r.Status)))
	}
	return r, line, nil
}
