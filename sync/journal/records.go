package journal

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"groupsync/sync/groupfile"
	"groupsync/sync/internal/csvrecord"
	"groupsync/sync/quote"

	"github.com/gocarina/gocsv"
)

// ErrNotResults is the error of a file that does not begin with the header of a results file.
var ErrNotResults = errors.New("this is not a results file of groupsync")

// maxRecord bounds a record, in bytes: it holds the cells of an input record, their quotes doubled.
const maxRecord = 3 * csvrecord.MaxSize

const byteOrderMark = "\ufeff"

// Records returns the records of a results file in order. It ends without an error before a record that is
// incomplete: a run that is still writing, or that was killed, leaves one. An empty file has no records.
// An error ends the sequence; it names the line of the file.
func Records(in io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		records := csvrecord.NewReader(in, ',', maxRecord)
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
	if !head.Complete {
		if isHeaderStart(head.Data) {
			return nil, io.EOF
		}
		return nil, ErrNotResults
	}
	format, ok := formatOf(head.Data)
	if !ok {
		return nil, ErrNotResults
	}
	records.Comma = format.Delimiter
	return csvrecord.NewDecoder[Record](recordColumns(), records.Comma)
}

// isHeaderStart reports whether line is the beginning of the header of a results file, as a run that was killed may
// leave it.
func isHeaderStart(line []byte) bool {
	line = bytes.TrimPrefix(bytes.TrimRight(line, "\r\n"), []byte(byteOrderMark))
	for _, delimiter := range groupfile.Delimiters {
		if strings.HasPrefix(strings.Join(recordColumns(), string(delimiter)), string(line)) {
			return true
		}
	}
	return false
}

// formatOf returns the format of a results file that begins with this line; ok is false if it is not one. It recognizes
// the names of the columns, with or without quotes around them.
func formatOf(line []byte) (f groupfile.Format, ok bool) {
	plain, bom := bytes.CutPrefix(line, []byte(byteOrderMark))
	for _, d := range []byte(groupfile.Delimiters) {
		if cells, err := csvrecord.Split(plain, d); err == nil && slices.Equal(cells, recordColumns()) {
			return groupfile.Format{Encoding: "utf-8", BOM: bom, Delimiter: d}, true
		}
	}
	return groupfile.Format{}, false
}

// recordColumns returns the names of the columns.
func recordColumns() []string {
	var header bytes.Buffer
	if err := gocsv.MarshalCSV([]Record{}, gocsv.NewSafeCSVWriter(csv.NewWriter(&header))); err != nil {
		panic(err) // a struct of strings can always be written to memory
	}
	return strings.Split(strings.TrimSuffix(header.String(), "\n"), ",")
}

// decodeRecord returns a record and its line of the input. An error means that groupsync did not write the record.
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
