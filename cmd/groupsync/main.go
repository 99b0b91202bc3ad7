// Command groupsync brings the customer groups of an Ecwid store in line with a CSV or Excel file.
package main

import (
	"context"
	"io"
	"log"
	"os"
)

func main() {
	// net/http logs bytes that a server sends after its response, and these may contain the token.
	log.SetOutput(io.Discard)
	os.Exit(run(context.Background(), os.Args, os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}
