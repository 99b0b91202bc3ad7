// Package quote makes foreign text (cells, file names, responses of a server) fit for messages: short, on one
// line, and without characters that a terminal or a spreadsheet program interprets.
package quote

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns s in quotes, shortened to 40 characters. Characters that cannot be seen are named in brackets, such as
// [no-break space]; see [Name].
func Text(s string) string { return quoted(s, 40, 200) }

// Full is [Text] without a limit on the length.
func Full(s string) string { return quoted(s, math.MaxInt, math.MaxInt) }

func quoted(s string, maxCharacters, maxBytes int) string {
	var b strings.Builder
	b.WriteByte('"')
	n := 0
	before := rune(0)
	for i, r := range s {
		if n++; n > maxCharacters || b.Len() > maxBytes {
			b.WriteString("…")
			break
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		name := Name(before, r)
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(Byte(s[i]))
		case name != "":
			b.WriteString("[" + name + "]")
		case r == '"', r == '\\':
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
		before = r
	}
	b.WriteByte('"')
	return b.String()
}

// Byte returns how messages show a byte that is not UTF-8.
func Byte(c byte) string { return fmt.Sprintf("[byte %02X]", c) }

// Name returns the name of a character that cannot be seen, or that changes how others are displayed, such as
// "no-break space"; it returns "" for any other. It also returns "" for a zero-width joiner after the character before,
// if that is an emoji: together they are displayed as one.
func Name(before, r rune) string {
	switch r {
	case '\n', '\r', '\u2028', '\u2029':
		return "line break"
	case '\t':
		return "tab"
	case '\u00a0', '\u2007', '\u202f':
		return "no-break space"
	case '\u00ad':
		return "soft hyphen"
	case '\u200b':
		return "zero-width space"
	case '\u200c':
		return "zero-width non-joiner"
	case '\u200d':
		isSkinTone := before >= '\U0001f3fb' && before <= '\U0001f3ff'
		if before == '\ufe0f' || isSkinTone || unicode.Is(unicode.So, before) {
			return ""
		}
		return "zero-width joiner"
	case '\u2060':
		return "word joiner"
	case '\ufeff':
		return "byte order mark"
	}
	switch {
	case unicode.IsControl(r):
		return fmt.Sprintf("control character U+%04X", r)
	case unicode.Is(unicode.Bidi_Control, r):
		return fmt.Sprintf("text direction mark U+%04X", r)
	case !unicode.IsPrint(r):
		return fmt.Sprintf("invisible character U+%04X", r)
	}
	return ""
}

// List returns the values in quotes, separated by commas. It contains at most 20 of them, and the number of the others.
func List(values []string) string {
	const most = 20
	var list []string
	for _, s := range values[:min(len(values), most)] {
		list = append(list, Text(s))
	}
	if more := len(values) - most; more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
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
