package groupfile

import (
	"fmt"
	"slices"
	"strings"

	"groupsync/sync/internal/csvrecord"
	"groupsync/sync/internal/quote"
)

// statusCell is what a results file says became of a row.
type statusCell struct {
	Status string `csv:"status"`
}

// newStatusDecoder finds the column of the status in the header of a results file.
func newStatusDecoder(header []string, delimiter byte) (*csvrecord.Decoder[statusCell], error) {
	names := make([]string, len(header))
	for i, cell := range header {
		if canonical(cell) == "status" {
			names[i] = "status"
		}
	}
	if !slices.Contains(names, "status") {
		return nil, fmt.Errorf("this is not a results file, so that rows can't be told by their status: there is no column status; the columns are %s", quote.Texts(header))
	}
	return csvrecord.NewDecoder[statusCell](names, delimiter)
}

// passesOver reports whether the row of a results file has another status than those that are wanted.
// A row that can't be read is not passed over: it has to be seen.
func (r *Reader) passesOver(rec csvrecord.Record) bool {
	if r.status == nil || rec.Broken != "" {
		return false
	}
	cell, err := r.status.Decode(rec.Data)
	return err == nil && !slices.Contains(r.options.Only, strings.ToLower(strings.TrimSpace(cell.Status)))
}

// Passed is the number of rows that were passed over so far.
func (r *Reader) Passed() int { return r.passed }
