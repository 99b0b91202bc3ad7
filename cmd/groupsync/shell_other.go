//go:build !windows

package main

// currentShell returns the shell that the program was started from.
func currentShell() shell { return posixShell }
