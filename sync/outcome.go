package sync

import (
	"strconv"

	"groupsync/sync/groupfile"
	"groupsync/sync/internal/quote"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
)

// Outcome is what became of one row: one record of the results.
type Outcome struct {
	groupfile.Row
	Status journal.Status
	// UpdateCount is Ecwid's, or -1 where it gave none.
	UpdateCount int
	// HTTPStatus is that of the last answer, or 0 where none came.
	HTTPStatus int
	// Attempts is the number of PUTs that the run sent for the row. Of those of an earlier run that ended before it
	// could record the row, nothing is known.
	Attempts int
	// Reason says why the row is not good, in one line.
	Reason string

	recorded *journal.Record // what an earlier run recorded of the row, which stays as it is
}

// decided returns the outcome of a row that needs no request.
func decided(row groupfile.Row, d plan.Decision) Outcome {
	return Outcome{Row: row, Status: d.Status, UpdateCount: -1, HTTPStatus: d.HTTPStatus, Reason: d.Reason}
}

func (o Outcome) record(storeID string) journal.Record {
	r := journal.Record{
		Line:     strconv.Itoa(o.Line),
		Cells:    o.Cells,
		Status:   o.Status,
		Attempts: strconv.Itoa(o.Attempts),
		Error:    quote.OneLine(o.Reason),
		StoreID:  storeID,
	}
	if o.UpdateCount >= 0 {
		r.UpdateCount = strconv.Itoa(o.UpdateCount)
	}
	if o.HTTPStatus != 0 {
		r.HTTPStatus = strconv.Itoa(o.HTTPStatus)
	}
	return r
}
