package main

import (
	"time"

	"groupsync/ecwid"
	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/plan"

	"github.com/rs/zerolog"
)

// waitHooks returns hooks that log what a run waits for, and its warnings.
func waitHooks(log zerolog.Logger) sync.Hooks {
	return sync.Hooks{
		Paused: func(until time.Time, retryAfter time.Duration) {
			event := log.Info()
			if retryAfter > time.Hour {
				event = log.Warn()
			}
			event.Time("until", until.UTC().Round(time.Second)).Stringer("retryAfter", retryAfter).Msg("the store's quota is used up: waiting")
		},
		Outage: func(since, until time.Time, cause error) {
			log.Warn().Time("since", since.UTC()).Time("until", until.UTC()).Err(cause).Msg("the store is not responding: waiting for it")
		},
		Back: func(after time.Duration) {
			log.Info().Stringer("after", after.Round(time.Second)).Msg("the store responds again")
		},
		Retry: func(row groupfile.Row, cause error, wait time.Duration) {
			retryEvent(log, cause, wait).Int("line", row.Line).Msg("trying again")
		},
		ListRetry: func(cause error, wait time.Duration) {
			retryEvent(log, cause, wait).Msg("requesting the list of groups again")
		},
		Deferred: func(rows int) {
			log.Info().Int("rows", rows).Msg("rows need external ids that other groups still have: sending these rows again, one at a time")
		},
		Warn: func(err error) { log.Warn().Msg(explain(err)) },
	}
}

// longWait is the shortest wait for one row that is logged as a warning.
const longWait = 30 * time.Second

// retryEvent returns the log event for one more attempt.
func retryEvent(log zerolog.Logger, cause error, wait time.Duration) *zerolog.Event {
	event := log.Debug()
	if wait >= longWait {
		event = log.Warn()
	}
	return event.Err(cause).Stringer("wait", wait.Round(time.Millisecond))
}

// hooks returns the hooks of a run: they log, and update its progress.
func (o *output) hooks() sync.Hooks {
	h := waitHooks(o.log)
	h.Begun = o.progress.begun
	h.Settled = func(outcome sync.Outcome) {
		o.progress.settled(outcome.Status)
		if outcome.Status.Good() {
			o.log.Debug().Int("line", outcome.Line).Str("groupId", outcome.GroupID).Str("status", string(outcome.Status)).Msg("row settled")
			return
		}
		o.logBadRow(outcome)
	}
	h.Profile = func(profile ecwid.Profile) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.storeName = profile.StoreName
	}
	h.Planned = func(totals plan.Totals) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.plan = newPlanReport(totals, o.job.Rate)
	}
	paused, outage, back, deferred := h.Paused, h.Outage, h.Back, h.Deferred
	h.Paused = func(until time.Time, retryAfter time.Duration) {
		if o.progress.paused(until) {
			paused(until, retryAfter)
		}
	}
	h.Deferred = func(rows int) {
		if o.progress.deferred(time.Now()) {
			deferred(rows)
		}
	}
	h.Outage = func(since, until time.Time, cause error) {
		o.progress.outage(since)
		outage(since, until, cause)
	}
	h.Back = func(after time.Duration) {
		o.progress.back(after)
		back(after)
	}
	return h
}

// logBadRow logs a bad row if it is one of the first. For the next one, it logs that further bad rows are only counted.
func (o *output) logBadRow(outcome sync.Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.badRows++
	switch {
	case o.badRows <= maxLoggedRows && o.console:
		o.log.Warn().Msgf("line %d: %s: %s", outcome.Line, outcome.Status, outcome.Reason)
	case o.badRows <= maxLoggedRows:
		o.log.Warn().Int("line", outcome.Line).Str("groupId", outcome.GroupID).Str("status", string(outcome.Status)).Msg(outcome.Reason)
	case o.badRows == maxLoggedRows+1:
		o.log.Warn().Msg("further bad rows are counted but not logged: see the results")
	}
}

// logAlive logs that the run is still active, and the number of its rows by status.
func (o *output) logAlive() {
	event := o.log.Info()
	counts := o.progress.counts()
	for _, status := range journal.Statuses() {
		if n := counts[status]; n > 0 {
			event.Int(string(status), n)
		}
	}
	if state := o.progress.state(time.Now()); state != "" {
		event.Str("state", state)
	}
	event.Msg("running")
}
