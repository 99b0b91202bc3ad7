// Command groupsync brings the customer groups of an Ecwid store in line with a CSV or Excel file.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"runtime/debug"
)

func main() {
	// The live heap is small: with the default, garbage would be most of the memory, and grow with the load.
	debug.SetGCPercent(50)
	// net/http logs bytes that a server sends after its response, and these may contain the token.
	log.SetOutput(io.Discard)
	os.Exit(run(context.Background(), os.Args, os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}
