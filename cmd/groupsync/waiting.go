package main

import (
	"time"

	"groupsync/sync"
	"groupsync/sync/groupfile"

	"github.com/rs/zerolog"
)

// waitingHooks log what a run waits for, and what it warns of.
func waitingHooks(log zerolog.Logger) sync.Hooks {
	return sync.Hooks{
		Paused: func(until time.Time, retryAfter time.Duration) {
			event := log.Info()
			if retryAfter > time.Hour {
				event = log.Warn()
			}
			event.Time("until", until.UTC().Round(time.Second)).Stringer("retryAfter", retryAfter).Msg("the store's quota is used up: waiting")
		},
		Outage: func(since, until time.Time, cause error) {
			log.Warn().Time("since", since.UTC()).Time("until", until.UTC()).Err(cause).Msg("the store does not answer: waiting for it")
		},
		Back: func(after time.Duration) {
			log.Info().Stringer("after", after.Round(time.Second)).Msg("the store answers again")
		},
		Retry: func(row groupfile.Row, cause error, wait time.Duration) {
			retryEvent(log, cause, wait).Int("line", row.Line).Msg("trying again")
		},
		ListRetry: func(cause error, wait time.Duration) {
			retryEvent(log, cause, wait).Msg("asking for the list of groups again")
		},
		Deferred: func(rows int) {
			log.Info().Int("rows", rows).Msg("rows want external ids that other groups hold: sending them again, one at a time")
		},
		Warn: func(err error) { log.Warn().Msg(explain(err)) },
	}
}

// longWait is how long a run may wait for one row before that is worth a line.
const longWait = 30 * time.Second

// retryEvent returns the event of one more attempt.
func retryEvent(log zerolog.Logger, cause error, wait time.Duration) *zerolog.Event {
	event := log.Debug()
	if wait >= longWait {
		event = log.Warn()
	}
	return event.Err(cause).Stringer("wait", wait.Round(time.Millisecond))
}
