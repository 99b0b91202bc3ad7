package plan

import "testing"

func TestParseLimit(t *testing.T) {
	for _, c := range []struct {
		text   string
		groups int
		max    int
	}{
		{"0", 100, 0},
		{"50", 100, 50},
		{"50", 10, 50},
		{"5%", 100, 5},
		{"5%", 19, 0}, // rounded down
		{"0.5%", 1000, 5},
		{"100%", 7, 7},
	} {
		l, err := ParseLimit(c.text)
		if err != nil || !l.Set || l.Max(c.groups) != c.max || l.String() != c.text {
			t.Errorf("%s of %d groups: got %d and %q (%v), want %d", c.text, c.groups, l.Max(c.groups), l, err, c.max)
		}
	}
	for _, text := range []string{"", "%", "-1", "+1", "1e3", "0.5", "5 %", "many", "NaN%", "0x10", "1%%"} {
		if l, err := ParseLimit(text); err == nil {
			t.Errorf("%q is accepted as %v", text, l)
		}
	}
}
