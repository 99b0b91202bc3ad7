package journal

import (
	"slices"
	"sort"
)

// script says what a retry does with each row of the input and each record of the old results, in order. Its size
// depends on the number of places where the two differ, not on their length.
type script struct {
	segments []segment
	sends    int // rows
	keeps    int // rows
	drops    int // records
}

// segment is a place where rows and records differ, and the kept rows after it.
type segment struct {
	drop, send, keep int
	first, last      int // lines of the first and the last kept row
}

// last returns the last segment, or a new one if there is none or the last one is closed.
func (s *script) last(closed func(segment) bool) *segment {
	if n := len(s.segments); n == 0 || closed(s.segments[n-1]) {
		s.segments = append(s.segments, segment{})
	}
	return &s.segments[len(s.segments)-1]
}

// drop adds a record that is not kept.
func (s *script) drop() {
	s.last(func(last segment) bool { return last.keep > 0 }).drop++
	s.drops++
}

// send adds a row to send.
func (s *script) send() {
	s.last(func(last segment) bool { return last.keep > 0 }).send++
	s.sends++
}

// keep adds a row, at a line, with the record that it keeps.
func (s *script) keep(line int) {
	current := s.last(func(segment) bool { return false })
	if current.keep == 0 {
		current.first = line
	}
	current.last = line
	current.keep++
	s.keeps++
}

// isKept reports whether the row at a line keeps its record.
func (s *script) isKept(line int) bool {
	n := len(s.segments)
	if n > 0 && s.segments[n-1].keep == 0 {
		n-- // only the last segment may have no kept rows
	}
	i := sort.Search(n, func(i int) bool { return s.segments[i].last >= line })
	return i < n && s.segments[i].first <= line
}

// cursor walks through a script, row by row.
type cursor struct{ segments []segment }

func (s *script) cursor() *cursor { return &cursor{slices.Clone(s.segments)} }

// next reports whether the next row keeps its record, and how many records to skip before it.
func (c *cursor) next() (skip int, keep bool) {
	for len(c.segments) > 0 {
		s := &c.segments[0]
		skip += s.drop
		s.drop = 0
		switch {
		case s.send > 0:
			s.send--
			return skip, false
		case s.keep > 0:
			s.keep--
			return skip, true
		}
		c.segments = c.segments[1:]
	}
	return skip, false
}
