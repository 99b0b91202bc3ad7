package main

import (
	"os"
	"syscall"
)

// stopSignals returns the signals that stop a command. Windows raises SIGTERM when a console closes.
func stopSignals() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

// writeSignals returns the signals that a failing write raises: Windows has none.
func writeSignals() []os.Signal { return nil }
