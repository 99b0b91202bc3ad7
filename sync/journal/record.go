package journal

import "groupsync/sync/groupfile"

// Status is the outcome of a row.
type Status string

const (
	// Updated: the store accepted the row's values.
	Updated Status = "updated"
	// Unchanged: the store already held the row's values.
	Unchanged Status = "unchanged"
	// NotUpdated: the store responded that it updated nothing, and does not hold the values, or the token may not
	// read them.
	NotUpdated Status = "not_updated"
	// Conflict: the row changes a value that others have changed since the base. Nothing of it was sent.
	Conflict Status = "conflict"
	// Invalid: the row cannot be sent.
	Invalid Status = "invalid"
	// Failed: the store refused the row, or its attempts were used up while the store answered others.
	Failed Status = "failed"
)

// Statuses returns all statuses, the good ones first.
func Statuses() []Status { return []Status{Updated, Unchanged, NotUpdated, Conflict, Invalid, Failed} }

// Good reports whether a row of this status needs no further attention.
func (s Status) Good() bool { return s == Updated || s == Unchanged }

// AllGood reports whether rows, counted by their status, are all good.
func AllGood(rows map[Status]int) bool {
	for status, count := range rows {
		if count > 0 && !status.Good() {
			return false
		}
	}
	return true
}

// Record is the outcome of one row in the results file.
type Record struct {
	Line string `csv:"line"`
	groupfile.Cells
	Status      Status `csv:"status"`
	UpdateCount string `csv:"updateCount"`
	HTTPStatus  string `csv:"httpStatus"`
	Attempts    string `csv:"attempts"`
	Error       string `csv:"error"`
	StoreID     string `csv:"storeId"`
}
