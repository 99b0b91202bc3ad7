//go:build unix

package main

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// stopSignals returns the signals that stop a command: those of a person, of a supervisor, and of a terminal that
// closes. One that was ignored when the program started stays ignored, as nohup wants it.
func stopSignals() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}
	return slices.DeleteFunc(all, signal.Ignored)
}

// writeSignals are raised by a write that fails, and would end the program where an error should: a reader
// of our output that has gone, a limit on the size of files.
func writeSignals() []os.Signal { return []os.Signal{syscall.SIGPIPE, syscall.SIGXFSZ} }
