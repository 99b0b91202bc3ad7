package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// usesColor reports whether what is printed to w is colored: on a terminal that understands escape codes, unless
// $NO_COLOR is set.
func (p *program) usesColor(w io.Writer) bool {
	return isTerminal(w) && p.getenv("NO_COLOR") == "" && understandsEscapes(w.(*os.File), p.getenv)
}

// newStatusLine returns a status line for the terminal f.
func (p *program) newStatusLine(f *os.File) *statusLine {
	return &statusLine{out: f, escapes: understandsEscapes(f, p.getenv), width: func() int {
		width, _, err := term.GetSize(int(f.Fd()))
		if err != nil || width <= 0 {
			return 80
		}
		return width
	}}
}
