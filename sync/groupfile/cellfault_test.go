package groupfile

import "testing"

func TestTextFault(t *testing.T) {
	for _, tt := range []struct{ cell, want string }{
		// Letters of any script, emoji, combining characters, and spaces.
		{"Großkunden, Оптовые 大口 🥉 e\u0301", ""},
		{" spaces\u00a0\u200b ", ""},
		{"Gro\ufffdkunden", "it contains U+FFFD, which replaces a letter that was lost when the file was converted: copy the value again from the original"},
		// Line breaks.
		{"a\nb", "it contains a line break: put the text on one line"},
		{"a\rb", "it contains a line break: put the text on one line"},
		// Other control characters, including C1.
		{"a\tb", "it contains a tab: remove it"},
		{"a\x00", "it contains the control character U+0000: remove it"},
		{"\x7fa", "it contains the control character U+007F: remove it"},
		{"a\u0085b", "it contains the control character U+0085: remove it"},
		// Windows-1252, an incomplete character, half of a surrogate pair.
		{"Gro\xdfkunden", `the byte DF is not UTF-8; in windows-1252 the cell is "Großkunden"`},
		{"a\xe5\xa4", "the bytes E5 A4 are not UTF-8"},
		{"\xed\xa0\x80", `the bytes ED A0 80 are not UTF-8; in windows-1251 the cell is "н[no-break space]Ђ"`},
	} {
		if got := textFault(tt.cell); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.cell, got, tt.want)
		}
	}
}
