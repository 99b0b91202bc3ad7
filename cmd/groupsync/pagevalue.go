package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"groupsync/sync/quote"
)

// pageValue is a part of a field's value: Tag is "ins" for what would be added, "del" for what would be removed.
type pageValue struct {
	Tag   string
	Parts []pageText
}

// pageText is text as a page shows it. If it has a Name, it stands for the invisible character of that name.
type pageText struct{ Text, Name string }

// maxPageValue bounds the length of a value on a page. In a comparison it bounds each of the three parts.
const maxPageValue = 300

// valueParts returns a value with its invisible characters made visible.
func valueParts(s string) []pageValue {
	if s == "" {
		return nil
	}
	return []pageValue{{Parts: visible(shortened(s), true, true)}}
}

// isVerbatim reports whether none of the text stands for an invisible character.
func isVerbatim(parts []pageValue) bool {
	for _, part := range parts {
		for _, text := range part.Parts {
			if text.Name != "" {
				return false
			}
		}
	}
	return true
}

// compareValues returns the old and the new value with their difference marked: everything between their common prefix
// and their common suffix.
func compareValues(before, after string) (markedBefore, markedAfter []pageValue) {
	a, b := []rune(before), []rune(after)
	start := 0
	for start < min(len(a), len(b)) && a[start] == b[start] {
		start++
	}
	for start > 0 && (combines(a, start) || combines(b, start)) {
		start--
	}
	end := 0
	for end < min(len(a), len(b))-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	for end > 0 && (combines(a, len(a)-end) || combines(b, len(b)-end)) {
		end--
	}
	parts := func(s []rune, tag string) (all []pageValue) {
		same, changed, rest := s[:start], s[start:len(s)-end], s[len(s)-end:]
		for _, part := range []pageValue{
			{"", visible(withoutMiddle(same), true, isSpaces(s[start:]))},
			{tag, visible(withoutMiddle(changed), isSpaces(same), isSpaces(rest))},
			{"", visible(withoutMiddle(rest), isSpaces(s[:len(s)-end]), true)},
		} {
			if len(part.Parts) > 0 {
				all = append(all, part)
			}
		}
		return all
	}
	return parts(a, "del"), parts(b, "ins")
}

// combines reports whether the rune at i belongs to the one before it.
func combines(s []rune, i int) bool {
	return i < len(s) && (unicode.In(s[i], unicode.Mn, unicode.Me) || s[i] == zeroWidthJoiner || i > 0 && s[i-1] == zeroWidthJoiner)
}

// isSpaces reports whether s contains only spaces.
func isSpaces(s []rune) bool { return strings.Trim(string(s), " ") == "" }

// withoutMiddle returns s as text. If s is long, its length replaces the middle of it, so that the page shows a
// difference anywhere in a long value.
func withoutMiddle(s []rune) string {
	if len(s) <= maxPageValue {
		return string(s)
	}
	const kept = maxPageValue / 2
	return fmt.Sprintf("%s … (%d characters) … %s", string(s[:kept]), len(s)-2*kept, string(s[len(s)-kept:]))
}

const zeroWidthJoiner = '\u200d'

func shortened(s string) string {
	if len(s) <= maxPageValue {
		return s
	}
	return fmt.Sprintf("%s… (%d characters in all)", strings.ToValidUTF8(s[:maxPageValue], ""), utf8.RuneCountInString(s))
}

// visible splits text into parts, in which invisible characters are marked. Leading spaces are marked if s is at the start
// of its value, and trailing spaces if it is at the end.
func visible(s string, atStart, atEnd bool) (parts []pageText) {
	from, to := 0, len(s)
	if atStart {
		from = len(s) - len(strings.TrimLeft(s, " "))
	}
	if atEnd {
		to = len(strings.TrimRight(s, " "))
	}
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			parts = append(parts, pageText{Text: plain.String()})
			plain.Reset()
		}
	}
	before := rune(0)
	for i, r := range s {
		name := quote.Name(before, r)
		switch {
		case r == ' ' && (i < from || i >= to):
			flush()
			parts = append(parts, pageText{"·", "space"})
		case name == "":
			plain.WriteRune(r)
		default:
			flush()
			parts = append(parts, pageText{name, name})
		}
		before = r
	}
	flush()
	return parts
}
