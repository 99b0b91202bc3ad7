//go:build !windows

package main

import "os"

// understandsEscapes reports whether the terminal understands escape codes.
func understandsEscapes(_ *os.File, getenv func(string) string) bool {
	name := getenv("TERM")
	return name != "" && name != "dumb"
}
