// Package quote makes foreign text (cells, file names, responses of a server) fit for messages: short, on one
// line, and without characters that a terminal or a spreadsheet program interprets.
package quote

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns s in quotes, shortened to 40 characters. Characters that cannot be seen are named in brackets, such as
// [no-break space] or [U+202E].
func Text(s string) string {
	const maxCharacters, maxBytes = 40, 200
	var b strings.Builder
	b.WriteByte('"')
	n := 0
	for i, r := range s {
		if n++; n > maxCharacters || b.Len() > maxBytes {
			b.WriteString("…")
			break
		}
		if _, size := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, "[byte %02X]", s[i])
		} else {
			b.WriteString(shown(r))
		}
	}
	b.WriteByte('"')
	return b.String()
}

// shown returns how [Text] shows a character.
func shown(r rune) string {
	switch r {
	case '"', '\\':
		return `\` + string(r)
	case '\n', '\r':
		return "[line break]"
	case '\t':
		return "[tab]"
	case '\u00a0', '\u2007', '\u202f':
		return "[no-break space]"
	case '\u00ad':
		return "[soft hyphen]"
	case '\u200b':
		return "[zero-width space]"
	case '\ufeff':
		return "[byte order mark]"
	}
	if unicode.IsPrint(r) {
		return string(r)
	}
	return fmt.Sprintf("[U+%04X]", r)
}

// Texts returns the quoted texts, separated by commas. It lists at most 20 of them and counts the rest.
func Texts(all []string) string {
	const most = 20
	var list []string
	for _, s := range all[:min(len(all), most)] {
		list = append(list, Text(s))
	}
	if len(all) > most {
		list = append(list, fmt.Sprintf("and %d more", len(all)-most))
	}
	return strings.Join(list, ", ")
}

// Truncate returns s, or the first n characters of a longer s and "…".
func Truncate(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return s
}

// MaxOneLine is the length of the longest line that [OneLine] returns, in characters.
const MaxOneLine = 300

// OneLine returns s as one printable line of at most [MaxOneLine] characters. It begins with a letter or digit,
// so that no spreadsheet program takes it for a formula.
func OneLine(s string) string {
	printable := func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}
	s = strings.Join(strings.Fields(strings.Map(printable, s)), " ")
	s = strings.TrimLeftFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if runes := []rune(s); len(runes) > MaxOneLine {
		s = string(runes[:MaxOneLine-2]) + " …"
	}
	return s
}
