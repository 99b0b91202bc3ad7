package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"groupsync/sync"
)

// exitDelay is how long a command may still report how it ended after a second signal.
const exitDelay = time.Second

// untilSignal returns a context that ends with the first signal, or after timeout unless that is 0, and a channel that
// the second signal closes. The second signal ends the program within [exitDelay], even if the command is blocked by a
// full disk or by a pipe that nobody reads. Both stay in effect until the program has ended.
func (p *program) untilSignal(timeout time.Duration) (ctx context.Context, second <-chan struct{}) {
	ctx, cancel := context.WithCancelCause(p.ctx)
	cancelTimeout := func() {}
	if timeout > 0 {
		ctx, cancelTimeout = context.WithTimeoutCause(ctx, timeout, &sync.InterruptedError{
			Err: fmt.Errorf("the time limit of %v (--max-duration) was reached", timeout),
		})
	}
	if s := writeSignals(); len(s) > 0 { // with none, Ignore would ignore all
		signal.Ignore(s...)
	}
	signals := make(chan os.Signal, 2)
	if s := stopSignals(); len(s) > 0 {
		signal.Notify(signals, s...)
	}
	again, ended := make(chan struct{}), make(chan struct{})
	go func() {
		select {
		case s := <-signals:
			cancel(&sync.InterruptedError{Err: fmt.Errorf("stopped by a signal (%v)", s)})
		case <-ended:
			return
		}
		if !secondSignal(signals, ended) {
			return
		}
		close(again)
		select {
		case <-time.After(exitDelay):
			os.Exit(exitInterrupted) // nothing may come before this: no lock, no write
		case <-ended:
		}
	}()
	p.cleanups = append(p.cleanups, func() {
		signal.Stop(signals)
		close(ended)
		cancelTimeout()
	})
	return ctx, again
}

// secondSignal waits for a second signal. It reports false if ended is closed first. SIGHUP does not count: a terminal
// that closes sends it twice, from the kernel and from the shell, and systemd can send it with SIGTERM.
func secondSignal(signals <-chan os.Signal, ended <-chan struct{}) bool {
	for {
		select {
		case s := <-signals:
			if s != syscall.SIGHUP {
				return true
			}
		case <-ended:
			return false
		}
	}
}
