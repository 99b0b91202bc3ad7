package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"groupsync/sync"
)

// lastWords is how long a command may still take to say how it ended, once a second signal has come.
const lastWords = time.Second

// untilSignal returns a context that ends with the first signal, or after longest unless that is 0, and a channel
// that the second signal closes. That one ends the program, with or without the command: what blocks the command,
// a full disk or a pipe that nobody reads, holds up no exit. Both hold until the program has ended.
func (p *program) untilSignal(longest time.Duration) (ctx context.Context, again <-chan struct{}) {
	ctx, cancel := context.WithCancelCause(p.ctx)
	cancelTimeout := func() {}
	if longest > 0 {
		ctx, cancelTimeout = context.WithTimeoutCause(ctx, longest, &sync.InterruptedError{
			Err: fmt.Errorf("the %v of --max-duration are over", longest),
		})
	}
	if s := writeSignals(); len(s) > 0 { // none would mean all
		signal.Ignore(s...)
	}
	signals := make(chan os.Signal, 2)
	if s := stopSignals(); len(s) > 0 {
		signal.Notify(signals, s...)
	}
	second, ended := make(chan struct{}), make(chan struct{})
	go func() {
		select {
		case s := <-signals:
			cancel(&sync.InterruptedError{Err: fmt.Errorf("stopped by a signal (%v)", s)})
		case <-ended:
			return
		}
		select {
		case <-signals:
			close(second)
		case <-ended:
			return
		}
		select {
		case <-time.After(lastWords):
			os.Exit(exitInterrupted) // nothing may stand before this: no lock, no write
		case <-ended:
		}
	}()
	p.cleanups = append(p.cleanups, func() {
		signal.Stop(signals)
		close(ended)
		cancelTimeout()
	})
	return ctx, second
}
