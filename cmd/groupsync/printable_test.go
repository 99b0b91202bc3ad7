package main

import "testing"

func TestPrintable(t *testing.T) {
	for _, c := range []struct{ what, text, want string }{
		{"letters of any language, emoji", "Großkunden, оптовые, 大口, عملاء 👩\u200d👩 \"x\" \\ '", "Großkunden, оптовые, 大口, عملاء 👩\u200d👩 \"x\" \\ '"},
		{"an escape sequence", "a\x1b]0;title\x07b", `a\x1b]0;title\ab`},
		{"a forged line", "a\r\nERR b\tc", `a\r\nERR b\tc`},
		{"a C1 control character", "a\u009b2Jb", `a\u009b2Jb`},
		{"DEL and NUL", "a\x7f\x00", `a\x7f\x00`},
		{"writing from right to left", "a\u202egpj.exe\u2066b\u200f", `a\u202egpj.exe\u2066b\u200f`},
		{"line separators", "a\u2028b\u2029c", `a\u2028b\u2029c`},
		{"bytes that are not UTF-8", "a\xff\x9bb", `a\xff\x9bb`},
		{"the replacement character itself", "a\ufffdb", "a\ufffdb"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := printable(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
