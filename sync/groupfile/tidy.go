package groupfile

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// tidied is a text as somebody would write it who sees all of it: without blanks around it, with plain ones
// for no-break spaces, without marks that take no room, and in Unicode's normal form C.
func tidied(s string) string {
	if isPlain(s) {
		return strings.TrimSpace(s)
	}
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u2007', '\u202f':
			return ' '
		case '\u200b', '\u200e', '\u200f', '\u2060', '\ufeff', '\u00ad':
			return -1
		}
		return r
	}, norm.NFC.String(s))
	// A joiner belongs to the letters or the emoji between which it stands.
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\u200c' || r == '\u200d' })
}

// isUntidy reports whether a text is not as [tidied] would have it.
func isUntidy(s string) bool { return tidied(s) != s }

// isPlain reports whether a text is printable ASCII.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
