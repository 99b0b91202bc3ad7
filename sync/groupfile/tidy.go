package groupfile

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Tidy returns a value without leading and trailing spaces and without invisible characters, with spaces in place of
// no-break spaces, and with composed characters (NFC).
func Tidy(s string) string {
	if isPlain(s) {
		return strings.TrimSpace(s)
	}
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u2007', '\u202f':
			return ' '
		case '\u200b', '\u200e', '\u200f', '\u2060', '\ufeff', '\u00ad',
			'\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069':
			return -1
		}
		return r
	}, norm.NFC.String(s))
	// A joiner between letters or emoji changes them, so only leading and trailing joiners are removed.
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\u200c' || r == '\u200d' })
}

// isUntidy reports whether [Tidy] would change a value.
func isUntidy(s string) bool { return Tidy(s) != s }

// isPlain reports whether a value has only printable ASCII characters.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
