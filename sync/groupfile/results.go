package groupfile

import (
	"fmt"
	"slices"
	"strings"

	"groupsync/sync/internal/csvrecord"
)

// isResults reports whether a header is that of a results file.
func isResults(header []string) bool {
	for _, column := range []string{"status", "updateCount", "storeId"} {
		if !slices.ContainsFunc(header, func(c string) bool { return canonical(c) == canonical(column) }) {
			return false
		}
	}
	return true
}

// statusCells are the cells of a results file that [OpenBase] needs besides those of the group.
type statusCells struct {
	Status  string `csv:"status"`
	StoreID string `csv:"storeId"`
}

// newStatusDecoder returns a decoder for the results file with this header.
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
		return nil, fmt.Errorf("this is not a results file: there is no column status; %s", listColumns(header))
	}
	return csvrecord.NewDecoder[statusCells](names, delimiter)
}

// skips reports whether a record of a results file has a status other than those in the options. A record that cannot be
// read is not skipped.
func (r *Reader) skips(rec csvrecord.Record) bool {
	if r.statusDecoder == nil || rec.Broken != "" {
		return false
	}
	var err error
	r.lastStatus, err = r.statusDecoder.Decode(rec.Data)
	return err == nil && !slices.Contains(r.options.statuses, strings.ToLower(strings.TrimSpace(r.lastStatus.Status)))
}
