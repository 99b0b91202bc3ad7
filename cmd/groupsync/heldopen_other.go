//go:build !windows

package main

// isHeldOpen reports whether err is that of a file that another program has open and does not share: on Windows only.
func isHeldOpen(error) bool { return false }
