package quote

import (
	"fmt"
	"strings"
	"unicode"
)

func Truncate(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// listed names the columns that were found, and not too many of them.
func List(cells []string) string {
	const most = 20
	var names []string
	for _, cell := range cells[:min(len(cells), most)] {
		names = append(names, Value(cell))
	}
	if len(cells) > most {
		names = append(names, fmt.Sprintf("and %d more", len(cells)-most))
	}
	return strings.Join(names, ", ")
}

// shown is foreign text as a message quotes it.
func Value(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// maxReason bounds the error column, in characters.
const MaxLine = 300

// oneLine makes s printable, bounded, and such that no spreadsheet takes it for a formula.
func Line(s string) string {
	printable := func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}
	s = strings.Join(strings.Fields(strings.Map(printable, s)), " ")
	s = strings.TrimLeftFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if runes := []rune(s); len(runes) > MaxLine {
		s = string(runes[:MaxLine-2]) + " …"
	}
	return s
}
