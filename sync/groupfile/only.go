package groupfile

import (
	"fmt"
	"slices"
	"strings"

	"groupsync/internal/quote"
	"groupsync/sync/internal/csvrecord"
)

// statusCells are the cells of a record by which rows of a results file are chosen.
type statusCells struct {
	Status  string `csv:"status"`
	StoreID string `csv:"storeId"`
}

// newStatusDecoder finds the column of the status in the header of a results file.
func newStatusDecoder(header []string, delimiter byte) (*csvrecord.Decoder[statusCells], error) {
	names := make([]string, len(header))
	for i, cell := range header {
		switch canonical(cell) {
		case "status":
			names[i] = "status"
		case "storeid":
			names[i] = "storeId"
		}
	}
	if !slices.Contains(names, "status") {
		return nil, fmt.Errorf("this is not a results file: there is no column status; the columns are %s", quote.List(header))
	}
	return csvrecord.NewDecoder[statusCells](names, delimiter)
}

// skips reports whether a record of a results file has another status than those that are selected. A record that
// cannot be read is not skipped.
func (r *Reader) skips(rec csvrecord.Record) bool {
	if r.status == nil || rec.Broken != "" {
		return false
	}
	var err error
	r.record, err = r.status.Decode(rec.Data)
	return err == nil && !slices.Contains(r.options.only, strings.ToLower(strings.TrimSpace(r.record.Status)))
}
