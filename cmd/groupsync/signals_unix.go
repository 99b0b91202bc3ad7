//go:build unix

package main

import (
	"os"
	"syscall"
)

// writeSignals are raised by a write that fails, and would end the program where an error should: a reader
// of our output that has gone, a limit on the size of files.
func writeSignals() []os.Signal { return []os.Signal{syscall.SIGPIPE, syscall.SIGXFSZ} }
