package main

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"groupsync/sync/quote"
)

// printable returns text from outside on one line, and without anything that a terminal or an editor interprets. Control
// characters, line separators, characters that change the direction of text and bytes that are not UTF-8 are named in
// brackets, as package quote names them. Everything that is printed for people passes through this function; JSON has
// its own escapes and stays exact.
func printable(s string) string {
	if isPrintable(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(quote.Byte(s[0]))
		case isUnprintable(r):
			b.WriteString("[" + quote.Name(0, r) + "]")
		default:
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

func isPrintable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, isUnprintable)
}

func isUnprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
}

// counted returns a number with its noun: 1 group, 2 groups.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.Itoa(n) + " " + thing
}
