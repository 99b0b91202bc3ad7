package sync

import (
	"time"

	"groupsync/sync/journal"
)

// Summary says what a run did.
type Summary struct {
	Started time.Time
	Elapsed time.Duration
	// Rows counts the records of the results by their status, those of earlier runs included.
	Rows map[journal.Status]int
	// Recorded is how many of them are of earlier runs.
	Recorded int
	// CompleteSince is when the results were completed, if there was nothing left to do.
	CompleteSince time.Time
	// Passed is how many rows of the input were passed over: see [ReaderOptions].
	Passed int
	// Untidy is how many rows have texts that are not tidy: see [Row].
	Untidy int
	// Reasons are the most frequent ones of the rows that are not good, the first of them first.
	Reasons []journal.Reason
	// Requests is how many were sent; Limited, how many of them were answered with 429, in so many Pauses.
	Requests, Limited, Pauses int
	// Waited is how long the run stood still because the quota, or a pause, let no request leave.
	Waited time.Duration
	// Retries is how often an attempt of unknown outcome was repeated.
	Retries int
	// NoReadScope: rows that are not good might be, if the token had the scope read_customers.
	NoReadScope bool
}

// Total is the number of records.
func (s Summary) Total() (n int) {
	for _, count := range s.Rows {
		n += count
	}
	return n
}

// Good reports whether every record is good.
func (s Summary) Good() bool { return journal.AllGood(s.Rows) }
