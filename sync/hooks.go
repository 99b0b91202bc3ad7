package sync

import (
	"maps"
	"time"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
)

// Hooks are called while a job runs. Each may be nil. Settled is called in the order of the input, and Paused, Outage
// and Back are called one at a time, in the order of the events; apart from that, hooks are called from several
// goroutines at once. All but Paused, Outage and Back block the run until they return.
type Hooks struct {
	// Begun is called once, before the first row, with the number of records that earlier runs left, by status.
	Begun func(recorded map[journal.Status]int)
	// Settled is called with each outcome of this run, once its record is in the buffer of the results file. It is not
	// called for records that earlier runs left.
	Settled func(Outcome)
	// Paused is called when the store's quota is used up. No request is sent before until.
	Paused func(until time.Time, retryAfter time.Duration)
	// Outage is called when an outage begins. since is when the store stopped responding, and until is when the run ends
	// if the store does not respond again.
	Outage func(since, until time.Time, cause error)
	// Back is called when the store responds again.
	Back func(after time.Duration)
	// Retry is called before a row waits for its next attempt.
	Retry func(row groupfile.Row, cause error, wait time.Duration)
	// ListRetry is called before the run waits to request a page of the store's groups again.
	ListRetry func(cause error, wait time.Duration)
	// Deferred is called before a deferred row is sent again, with the number of deferred rows.
	Deferred func(rows int)
	// Profile is called with the profile of the store, unless it cannot be read. Only a plan and a run that lists the
	// store's groups read the profile, and only if this hook is set.
	Profile func(ecwid.Profile)
	// Planned is called with the plan that a run compared with MaxChanges or Expect, before its first PUT.
	Planned func(plan.Totals)
	// Warn is called with errors that do not end the run, such as a [*RestoreError].
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

func (h Hooks) planned(t plan.Totals) {
	if h.Planned != nil {
		h.Planned(t)
	}
}

func (h Hooks) warn(err error) {
	if h.Warn != nil {
		h.Warn(err)
	}
}
