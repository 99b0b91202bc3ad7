package main

import (
	"os"
	"syscall"
)

// stopSignals returns the signals that stop a command. Windows raises SIGTERM when a console closes.
func stopSignals() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

// writeSignals are raised by a write that fails: Windows has none.
func writeSignals() []os.Signal { return nil }
