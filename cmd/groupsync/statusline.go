package main

import (
	"io"
	"strings"
	stdsync "sync"
)

// statusLine keeps one line at the bottom of a terminal, below whatever is written through it.
//
// The cursor rests on the line's first cell. So when the terminal becomes narrower and folds the line,
// everything from the cursor on is still the line, and nothing else.
type statusLine struct {
	out     io.Writer
	width   func() int // of the terminal, in cells
	escapes bool       // the terminal understands escape codes

	mu    stdsync.Mutex
	text  string
	cells int // how many of them are on the terminal
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

// set changes the line. An empty text takes it away.
func (s *statusLine) set(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = text
	s.show("") // a terminal that has gone is noticed by the log
}

func (s *statusLine) show(lines string) error {
	erase := ""
	switch {
	case s.cells == 0:
	case s.escapes && s.cells < s.width():
		erase = "\x1b[K"
	case s.escapes: // folded
		erase = "\x1b[J"
	default:
		erase = strings.Repeat(" ", s.cells) + "\r"
	}
	// Text in the last column would make the terminal go to the next line.
	text := fitting(s.text, s.width()-1)
	s.cells = len(text)
	if text != "" {
		text += "\r"
	}
	_, err := io.WriteString(s.out, erase+lines+text)
	return err
}

// fitting is as many of the line's parts as fit into a number of cells: half a number would be another one.
func fitting(line string, cells int) string {
	for len(line) > max(cells, 0) {
		line = line[:max(strings.LastIndex(line, "  "), 0)]
	}
	return line
}
