package main

import (
	"io"
	"strings"
	stdsync "sync"
)

// statusLine keeps one line at the bottom of a terminal, below everything that is written through it.
//
// The cursor stays on the first cell of the line. If the terminal becomes narrower and wraps the line, everything
// from the cursor on still belongs to the line, and nothing else does.
type statusLine struct {
	out     io.Writer
	width   func() int // of the terminal, in cells
	escapes bool       // the terminal understands escape codes

	mu    stdsync.Mutex
	text  string
	cells int // that the terminal shows now
}

// Write writes whole lines above the status line.
func (s *statusLine) Write(lines []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.show(string(lines)); err != nil {
		return 0, err
	}
	return len(lines), nil
}

// set changes the line. An empty text removes it.
func (s *statusLine) set(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = text
	s.show("") // the next log line reports a terminal that has closed
}

func (s *statusLine) show(lines string) error {
	erase := ""
	switch {
	case s.cells == 0:
	case s.escapes && s.cells < s.width():
		erase = "\x1b[K"
	case s.escapes: // wrapped
		erase = "\x1b[J"
	default:
		erase = strings.Repeat(" ", s.cells) + "\r"
	}
	// With text in the last column, the terminal would wrap to the next line.
	text := fitting(s.text, s.width()-1)
	s.cells = len(text)
	if text != "" {
		text += "\r"
	}
	_, err := io.WriteString(s.out, erase+lines+text)
	return err
}

// fitting returns as many parts of the line as fit into a number of cells. Parts are not cut: half a number would be a
// different number.
func fitting(line string, cells int) string {
	for len(line) > max(cells, 0) {
		line = line[:max(strings.LastIndex(line, "  "), 0)]
	}
	return line
}
