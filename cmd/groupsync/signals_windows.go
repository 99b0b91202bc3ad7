package main

import "os"

// writeSignals are raised by a write that fails: Windows has none.
func writeSignals() []os.Signal { return nil }
