package groupfile

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"groupsync/sync/quote"
)

// maxGroupID is the largest id that Ecwid's own client supports. A larger one might be truncated to the id of another
// group.
const maxGroupID = math.MaxInt32

// parseGroupID parses a group id, or returns the reason why it is not valid. It is strict, because the server might read
// "12.9" as 12.
func parseGroupID(cell string) (int32, string) {
	s := strings.TrimSpace(cell)
	if fault := spreadsheetFault(s); fault != "" {
		return 0, fault
	}
	whole, fraction, _ := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	if fraction != "" && strings.Trim(fraction, "0") == "" && whole != "" && areDigits(whole) && !isGrouped(s, ".,") {
		s = whole // 9367001.0 or 9367001,0 is exactly that number
	}
	digits := strings.TrimLeft(s, "0")
	switch {
	case s == "":
		return 0, "it is empty: every row needs the id of its group"
	case !utf8.ValidString(s):
		return 0, textFault(s)
	case !areDigits(s):
		return 0, notDigits(s)
	case digits == "":
		return 0, quote.Text(s) + " is the store's default group, which cannot be changed: delete the row"
	case len(digits) > 10:
		return 0, tooLarge(s)
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id > maxGroupID {
		return 0, tooLarge(s)
	}
	return int32(id), ""
}

func tooLarge(s string) string {
	return fmt.Sprintf("%s is too large: a group id is at most %d; look it up in the store", quote.Text(s), maxGroupID)
}

func areDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// isGrouped reports whether a number has one of these separators between groups of three digits.
func isGrouped(s, separators string) bool {
	groups := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(separators, r) })
	for i, g := range groups {
		if !areDigits(g) || len(g) > 3 || i > 0 && len(g) != 3 {
			return false
		}
	}
	return len(groups) > 1 && utf8.RuneCountInString(s) == len(strings.Join(groups, ""))+len(groups)-1
}

// notDigits returns the reason for a group id that has characters other than digits.
func notDigits(s string) string {
	if isGrouped(s, ",.' \u00a0\u2009\u202f’") {
		return quote.Text(s) + " has separators between its digits: a group id consists of digits only, so format the column as a number without separators"
	}
	if lostDigits.MatchString(s) {
		return lostDigitsFault(s)
	}
	number, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	isDecimal := (err == nil || errors.Is(err, strconv.ErrRange)) && strings.Trim(s, "0123456789.,eE+-") == ""
	switch {
	case isDecimal && s[0] == '-':
		return quote.Text(s) + " is negative: a group id has no sign"
	case isDecimal && s[0] == '+':
		return quote.Text(s) + " has a sign: a group id consists of digits only"
	case isDecimal && strings.ContainsAny(s, "eE"):
		return quote.Text(s) + " is in scientific notation, and digits may be lost: copy the id again from the store"
	case isDecimal && number != math.Trunc(number):
		return quote.Text(s) + " is a fraction: a group id is a whole number"
	case isDecimal:
		return quote.Text(s) + " has a decimal point: a group id consists of digits only"
	case strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf && unicode.IsDigit(r) }):
		return quote.Text(s) + " has digits other than 0 to 9: use only 0 to 9"
	}
	return quote.Text(s) + " is not a number: a group id consists of digits only"
}
