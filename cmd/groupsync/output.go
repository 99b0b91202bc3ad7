package main

import (
	"errors"
	stdsync "sync"
	"time"

	"groupsync/sync"

	"github.com/rs/zerolog"
)

const (
	// loggedRows is how many bad rows are logged, each on its line.
	loggedRows = 10
	// aliveEvery is how often the log says that the run goes on.
	aliveEvery = time.Minute
)

// output is what a run tells the person who started it, on standard error.
type output struct {
	world   *world
	command *syncCmd
	job     *sync.Job
	log     zerolog.Logger
	console bool

	mu    stdsync.Mutex
	rows  int
	bad   int
	alive *time.Ticker
}

func newOutput(w *world, c *syncCmd, job *sync.Job) *output {
	return &output{
		world:   w,
		command: c,
		job:     job,
		log:     c.logger(w.stderr),
		console: c.console(w.stderr),
	}
}

// hooks are called while the run goes.
func (o *output) hooks() sync.Hooks {
	last := time.Now()
	return sync.Hooks{
		Settled: func(outcome sync.Outcome) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.rows++
			if outcome.Status.Good() {
				o.log.Debug().Int("line", outcome.Line).Str("groupId", outcome.GroupID).Str("status", string(outcome.Status)).Msg("row settled")
			} else {
				o.badRow(outcome)
			}
			if now := time.Now(); now.Sub(last) >= aliveEvery {
				last = now
				o.log.Info().Int("rows", o.rows).Int("bad", o.bad).Msg("running")
			}
		},
		Paused: func(until time.Time, retryAfter time.Duration) {
			event := o.log.Info()
			if retryAfter > time.Hour {
				event = o.log.Warn()
			}
			event.Time("until", until.UTC().Round(time.Second)).Stringer("retryAfter", retryAfter).Msg("the store's quota is used up: waiting")
		},
		Outage: func(since, until time.Time, cause error) {
			o.log.Warn().Time("since", since.UTC()).Time("until", until.UTC()).Err(cause).Msg("the store does not answer: waiting for it")
		},
		Back: func(after time.Duration) {
			o.log.Info().Stringer("after", after.Round(time.Second)).Msg("the store answers again")
		},
		Retry: func(row sync.Row, cause error, wait time.Duration) {
			o.log.Debug().Int("line", row.Line).Err(cause).Stringer("wait", wait).Msg("trying again")
		},
		Warn: func(err error) { o.log.Warn().Msg(err.Error()) },
	}
}

func (o *output) badRow(outcome sync.Outcome) {
	o.bad++
	if o.bad <= loggedRows {
		o.log.Warn().Int("line", outcome.Line).Str("groupId", outcome.GroupID).Str("status", string(outcome.Status)).Msg(outcome.Reason)
	}
	if o.bad == loggedRows {
		o.log.Warn().Msg("further bad rows are counted only: the results name them all")
	}
}

// end says how the run ended. Its error is the exit code, or what is left for [world.report] to say.
func (o *output) end(s sync.Summary, err error) error {
	code := codeOf(s, err)
	if code == exitNotStarted || code == exitBug {
		return err
	}
	o.summary(s, err, code)
	if code == exitGood {
		return nil
	}
	return exitCode(code)
}

func codeOf(s sync.Summary, err error) int {
	_, ended := errors.AsType[*sync.EndedError](err)
	_, interrupted := errors.AsType[*sync.InterruptedError](err)
	_, panicked := errors.AsType[*sync.PanicError](err)
	switch {
	case ended:
		return exitEnded
	case interrupted:
		return exitInterrupted
	case panicked:
		return exitBug
	case err != nil:
		return exitNotStarted
	case !s.Good():
		return exitNotGood
	}
	return exitGood
}
