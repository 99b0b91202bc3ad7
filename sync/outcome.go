package sync

import (
	"strconv"
	"strings"
	"unicode"
)

// Status says what became of a row.
type Status string

const (
	// Updated: the store took the row's values.
	Updated Status = "updated"
	// Unchanged: the store held the row's values already.
	Unchanged Status = "unchanged"
	// NotUpdated: the store answered that it updated nothing, and does not hold the values, or may not be asked.
	NotUpdated Status = "not_updated"
	// Invalid: the row can't be sent.
	Invalid Status = "invalid"
	// Failed: the store refused the row, or its attempts are used up while the store answers others.
	Failed Status = "failed"
)

// Statuses are all of them, the good ones first.
func Statuses() []Status { return []Status{Updated, Unchanged, NotUpdated, Invalid, Failed} }

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

// Outcome is what became of one row: one record of the results.
type Outcome struct {
	Row
	Status Status
	// UpdateCount is Ecwid's, or -1 where it gave none.
	UpdateCount int
	// HTTPStatus is that of the last answer, or 0 where none came.
	HTTPStatus int
	// Attempts is the number of PUTs that the run sent for the row. Of those of an earlier run that ended before it
	// could record the row, nothing is known.
	Attempts int
	// Reason says why the row is not good, in one line.
	Reason string

	recorded *Record // what an earlier run recorded of the row, which stays as it is
}

// decided returns the outcome of a row that needs no request.
func decided(row Row, d decision) Outcome {
	return Outcome{Row: row, Status: d.status, UpdateCount: -1, HTTPStatus: d.httpStatus, Reason: d.reason}
}

// Record is an outcome as the results file holds it.
type Record struct {
	Line string `csv:"line"`
	Cells
	Status      Status `csv:"status"`
	UpdateCount string `csv:"updateCount"`
	HTTPStatus  string `csv:"httpStatus"`
	Attempts    string `csv:"attempts"`
	Error       string `csv:"error"`
	StoreID     string `csv:"storeId"`
}

func (o Outcome) record(storeID string) Record {
	r := Record{
		Line:     strconv.Itoa(o.Line),
		Cells:    o.Cells,
		Status:   o.Status,
		Attempts: strconv.Itoa(o.Attempts),
		Error:    oneLine(o.Reason),
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

// maxReason bounds the error column, in characters.
const maxReason = 300

// oneLine makes s printable, bounded, and such that no spreadsheet takes it for a formula.
func oneLine(s string) string {
	printable := func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}
	s = strings.Join(strings.Fields(strings.Map(printable, s)), " ")
	s = strings.TrimLeftFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if runes := []rune(s); len(runes) > maxReason {
		s = string(runes[:maxReason-2]) + " …"
	}
	return s
}
