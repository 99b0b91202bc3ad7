package journal

import "testing"

func TestScript(t *testing.T) {
	var s script
	for line, step := range []string{"", "keep", "keep", "drop", "send", "send", "", "", "keep", "drop", "drop", "keep", "send"} {
		switch step {
		case "keep":
			s.keep(line)
		case "send":
			s.send()
		case "drop":
			s.drop()
		}
	}
	for line, want := range []bool{false, true, true, false, false, false, false, false, true, false, false, true, false, false} {
		if got := s.isKept(line); got != want {
			t.Errorf("line %d: kept is %v, want %v", line, got, want)
		}
	}
	if s.keeps != 4 || s.sends != 3 || s.drops != 3 {
		t.Errorf("%d rows are kept, %d are sent, and %d records are dropped; want 4, 3 and 3", s.keeps, s.sends, s.drops)
	}
	at := s.cursor()
	for i, want := range []struct {
		skip int
		keep bool
	}{{0, true}, {0, true}, {1, false}, {0, false}, {0, true}, {2, true}, {0, false}} {
		if skip, keep := at.next(); skip != want.skip || keep != want.keep {
			t.Errorf("row %d: got %d, %v; want %d, %v", i, skip, keep, want.skip, want.keep)
		}
	}
}

// Memory grows with the number of places that differ, not with the number of rows.
func TestScriptIsSmall(t *testing.T) {
	var s script
	for line := range 100_000 {
		if line == 50_000 {
			s.drop()
			s.send()
			continue
		}
		s.keep(line)
	}
	if n := len(s.segments); n != 2 {
		t.Errorf("%d segments, want 2", n)
	}
}
