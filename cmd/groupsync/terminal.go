package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// isTerminal reports whether a person sees what is written to w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// newStatusLine makes a status line for the terminal f.
func newStatusLine(f *os.File) *statusLine {
	return &statusLine{out: f, escapes: understandsEscapes(f), width: func() int {
		width, _, err := term.GetSize(int(f.Fd()))
		if err != nil || width <= 0 {
			return 80
		}
		return width
	}}
}
