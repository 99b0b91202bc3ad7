// Command groupsync brings the customer groups of an Ecwid store in line with a CSV file.
package main

import (
	"io"
	"log"
	"os"
	"runtime/debug"
)

func main() {
	// The live heap is small; what it overshoots by would be most of the memory, and grow with the load.
	debug.SetGCPercent(50)
	// net/http logs bytes that a server sends unasked, and these may be the token.
	log.SetOutput(io.Discard)
	os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}
