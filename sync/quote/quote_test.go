package quote

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for s, want := range map[string]string{
		"":                          `""`,
		"\u00a0":                    `"[no-break space]"`,
		"9\u00a0367\u202f001":       `"9[no-break space]367[no-break space]001"`,
		`a"\u00a0`:                  `"a\"\\u00a0"`,
		"a\u200b\n\xff":             `"a[zero-width space][line break][byte FF]"`,
		"\ufeff\t\u00ad\ufffd":      `"[byte order mark][tab][soft hyphen]` + "\ufffd\"",
		"\x00\u202e\U000e0001":      `"[control character U+0000][text direction mark U+202E][invisible character U+E0001]"`,
		"a\u200d\u200c\u2060\u2028": `"a[zero-width joiner][zero-width non-joiner][word joiner][line break]"`,
		"^\u200d👍🏽\u200d🔥":          `"^[zero-width joiner]👍🏽` + "\u200d🔥\"",
		"👩\u200d👧 ❤\ufe0f\u200d🔥 👍🏽":  `"👩` + "\u200d👧 ❤\ufe0f\u200d" + `🔥 👍🏽"`,
		strings.Repeat("ä", 41):       `"` + strings.Repeat("ä", 40) + `…"`,
		strings.Repeat("\u00a0x", 50): `"` + strings.Repeat("[no-break space]x", 11) + `[no-break space]…"`,
	} {
		if got := Text(s); got != want {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
	}
}

func TestFull(t *testing.T) {
	s := strings.Repeat("ä", 500)
	if got := Full(s + "\t"); got != `"`+s+`[tab]"` {
		t.Errorf("got %s", got)
	}
}

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
