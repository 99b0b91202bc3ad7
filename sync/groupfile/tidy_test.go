package groupfile

import "testing"

func TestTidy(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"leading and trailing spaces", " VIP \t", "VIP"},
		{"spaces inside", "a  b", "a  b"},
		{"no-break spaces", "\u00a0a\u00a0b\u202fc", "a b c"},
		{"invisible characters", "\ufeffV\u200bI\u00adP\u2060", "VIP"},
		{"text direction marks", "\u202egpj\u202c.\u2066exe\u2069\u200f", "gpj.exe"},
		{"decomposed characters", "e\u0301", "é"},
		{"joiners between letters", "\u200dن\u200cم\u200c", "ن\u200cم"},
	} {
		if got := Tidy(c.value); got != c.want {
			t.Errorf("%s: got %+q, want %+q", c.name, got, c.want)
		}
		if isUntidy(c.want) {
			t.Errorf("%s: %+q is still untidy", c.name, c.want)
		}
	}
}
