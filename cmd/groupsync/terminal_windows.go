package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// understandsEscapes asks the console to interpret escape codes, and reports whether it does. Windows before
// version 10 prints them.
func understandsEscapes(f *os.File, _ func(string) string) bool {
	console := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(console, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
