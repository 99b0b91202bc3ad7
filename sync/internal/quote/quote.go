// Package quote makes foreign text (cells, file names, responses of a server) fit for messages: short, on one
// line, and without characters that a terminal or a spreadsheet program interprets.
package quote

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Text returns s in quotes, shortened to 40 characters. No-break spaces, which spreadsheet programs put between digits,
// are named in words; other characters that are not printable are escaped.
func Text(s string) string {
	parts := strings.Split(strings.ReplaceAll(Truncate(s, 40), "\u202f", "\u00a0"), "\u00a0")
	for i, part := range parts {
		quoted := strconv.Quote(part)
		parts[i] = quoted[1 : len(quoted)-1]
	}
	return `"` + strings.Join(parts, "[no-break space]") + `"`
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
