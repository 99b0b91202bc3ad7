//go:build unix

package main

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// stopSignals returns the signals that stop a command: from a person, from a supervisor, and from a terminal that
// closes. A signal that was ignored when the program started stays ignored: nohup relies on it.
func stopSignals() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}
	return slices.DeleteFunc(all, signal.Ignored)
}

// writeSignals returns the signals that a failing write raises: to a pipe without a reader, or beyond the limit on the
// size of a file. If they are ignored, the write returns an error instead.
func writeSignals() []os.Signal { return []os.Signal{syscall.SIGPIPE, syscall.SIGXFSZ} }
