//go:build !windows

package main

import "os"

// understandsEscapes reports whether the terminal takes escape codes.
func understandsEscapes(*os.File) bool {
	name := os.Getenv("TERM")
	return name != "" && name != "dumb"
}
