package sync

import (
	"maps"
	"time"

	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
)

// Hooks tell the caller what happens while it happens. Each may be nil. They are called from several
// goroutines at once, and hold up the run while they last. Paused, Outage and Back are called one at a time, in the
// order in which things happened.
type Hooks struct {
	// Begun is called once, before the first row, with how many records of each status earlier runs left.
	Begun func(recorded map[journal.Status]int)
	// Settled is called with each outcome, in input order, once its record was handed to the results.
	Settled func(Outcome)
	// Paused is called when the store's quota is used up: no request leaves before until.
	Paused func(until time.Time, retryAfter time.Duration)
	// Outage is called when the store does not answer, since when, and when the run will give up.
	Outage func(since, until time.Time, cause error)
	// Back is called when it answers again.
	Back func(after time.Duration)
	// Retry is called before a row waits for its next attempt.
	Retry func(row groupfile.Row, cause error, wait time.Duration)
	// ListRetry is called before the run waits to ask for a page of the store's groups again.
	ListRetry func(cause error, wait time.Duration)
	// Deferred is called before a row is sent again whose external id another group held, with the number of
	// rows that wait for such an id.
	Deferred func(rows int)
	// Warn is called with what is worth knowing and does no harm, such as a [*RestoreError].
	Warn func(err error)
}

func (h Hooks) begun(recorded map[journal.Status]int) {
	if h.Begun != nil {
		h.Begun(maps.Clone(recorded))
	}
}

func (h Hooks) settled(o Outcome) {
	if h.Settled != nil {
		h.Settled(o)
	}
}

func (h Hooks) paused(until time.Time, retryAfter time.Duration) {
	if h.Paused != nil {
		h.Paused(until, retryAfter)
	}
}

func (h Hooks) outage(since, until time.Time, cause error) {
	if h.Outage != nil {
		h.Outage(since, until, cause)
	}
}

func (h Hooks) back(after time.Duration) {
	if h.Back != nil {
		h.Back(after)
	}
}

func (h Hooks) retry(row groupfile.Row, cause error, wait time.Duration) {
	if h.Retry != nil {
		h.Retry(row, cause, wait)
	}
}

func (h Hooks) listRetry(cause error, wait time.Duration) {
	if h.ListRetry != nil {
		h.ListRetry(cause, wait)
	}
}

func (h Hooks) deferred(rows int) {
	if h.Deferred != nil {
		h.Deferred(rows)
	}
}

func (h Hooks) warn(err error) {
	if h.Warn != nil {
		h.Warn(err)
	}
}
