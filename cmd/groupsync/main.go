// Command groupsync brings the customer groups of an Ecwid store in line with a CSV or Excel file.
//
// Where to look: run.go has the commands and parses the command line, and each command has a file of its own. exit.go
// chooses the exit code, failure.go prints errors, hints.go says what to do about them, and nextcommand.go prints the
// command that continues. output.go, progress.go, hooks.go and summary.go print what happens during a run.
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
