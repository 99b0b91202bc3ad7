package main

import (
	"time"

	"groupsync/sync"

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
		Retry: func(row sync.Row, cause error, wait time.Duration) {
			log.Debug().Int("line", row.Line).Err(cause).Stringer("wait", wait).Msg("trying again")
		},
		Warn: func(err error) { log.Warn().Msg(err.Error()) },
	}
}
