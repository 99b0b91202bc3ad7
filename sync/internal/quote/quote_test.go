package quote

import (
	"strings"
	"testing"
)

func TestOneLine(t *testing.T) {
	for s, want := range map[string]string{
		"plain":                        "plain",
		"=HYPERLINK(1)":                "HYPERLINK(1)",
		"+1 -1 @x":                     "1 -1 @x",
		"a\nb\r\n\tc\x00d\u202ee":      "a b c d e",
		"":                             "",
		"=+-@":                         "",
		"ä" + strings.Repeat("x", 400): "ä" + strings.Repeat("x", 297) + " …",
		"“quoted” stays":               "quoted” stays",
		"\xff\xfe":                     "",
	} {
		if got := OneLine(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}
