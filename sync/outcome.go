package sync

import (
	"strconv"
	"time"

	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
	"groupsync/sync/quote"
)

// Outcome is the final result of one row: one record of the results file.
type Outcome struct {
	// Row must not be changed.
	*groupfile.Row
	Status journal.Status
	// UpdateCount is the updateCount of the response, or -1 if there was none.
	UpdateCount int
	// HTTPStatus is the status of the last response, or 0 if there was none.
	HTTPStatus int
	// Attempts is the number of PUTs that this run sent for the row. An earlier run that ended before it recorded
	// the row may have sent others.
	Attempts int
	// Reason says why the row is not good.
	Reason string

	recorded *journal.Record // the record of an earlier run, which stays as it is; nil: there is none
}

// isKnown reports whether o is an outcome, and not the zero value.
func (o Outcome) isKnown() bool { return o.Status != "" }

// decidedOutcome returns the outcome of a row that is decided without a request.
func decidedOutcome(row *groupfile.Row, d plan.Decision) Outcome {
	return Outcome{Row: row, Status: d.Status, UpdateCount: -1, Reason: d.Reason}
}

// record returns the record of the outcome.
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

// Summary is the result of a run.
type Summary struct {
	Started time.Time
	Elapsed time.Duration
	// Rows is the number of records in the results by their status, including those of earlier runs.
	Rows map[journal.Status]int
	// Recorded is the number of records that earlier runs wrote.
	Recorded int
	// CompleteSince is when the results were completed, if there was nothing left to do.
	CompleteSince time.Time
	// Untidy is the number of rows with values that are not tidy: see [groupfile.Row].
	Untidy int
	// Reasons are the most frequent reasons why rows are not good, the most frequent first.
	Reasons []journal.Reason
	// Requests is the number of requests. RateLimited of them got a 429, which caused Pauses pauses.
	Requests, RateLimited, Pauses int
	// Waited is the time for which the quota or a pause held requests back.
	Waited time.Duration
	// Retries is how many attempts with an unknown result were repeated.
	Retries int
	// NoReadScope reports whether rows that are not good could not be verified, because the token lacks the scope
	// read_customers.
	NoReadScope bool
}

// Total returns the number of records.
func (s Summary) Total() (n int) {
	for _, count := range s.Rows {
		n += count
	}
	return n
}

// Good reports whether every record is good.
func (s Summary) Good() bool { return journal.AllGood(s.Rows) }

// addRequests adds the counts of the sender.
func (s *Summary) addRequests(sender *sender) {
	stats := sender.gate.Stats()
	s.Requests, s.RateLimited, s.Pauses, s.Waited = stats.Requests, stats.RateLimited, stats.Pauses, stats.Waited
	s.Retries = int(sender.retries.Load())
	s.NoReadScope = sender.noReadScope.Load() && !s.Good()
}
