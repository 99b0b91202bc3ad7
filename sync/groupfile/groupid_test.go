package groupfile

import (
	"strings"
	"testing"
)

func TestParseGroupID(t *testing.T) {
	for _, tt := range []struct {
		cell string
		id   int32
		says string // a part of the reason
	}{
		// The smallest and the largest id.
		{cell: "1", id: 1},
		{cell: "2147483647", id: 2147483647},
		// Spaces around the id, and any number of leading zeros.
		{cell: " \t0012\u00a0", id: 12},
		{cell: strings.Repeat("0", 50) + "7", id: 7},
		// No id.
		{cell: "", says: "it is empty"},
		{cell: " \u3000", says: "it is empty"},
		// Group 0 cannot be changed.
		{cell: "0", says: "default group"},
		{cell: "000", says: "default group"},
		// Numbers that do not fit: one too large, more than 32 bits, more than 64 bits, hundreds of digits.
		{cell: "2147483648", says: "too large"},
		{cell: "4294967297", says: "too large"},
		{cell: "9223372036854775808", says: "too large"},
		{cell: strings.Repeat("9", 400), says: "…\" is too large"},
		// Signs.
		{cell: "-1", says: "negative"},
		{cell: "-0", says: "negative"},
		{cell: "+5", says: "has a sign"},
		{cell: "- 5", says: "not a number"},
		// Fractions, and whole numbers written as such.
		{cell: "12.9", says: "a fraction"},
		{cell: ".5", says: "a fraction"},
		{cell: "12.0", id: 12},
		{cell: "12.", says: "a decimal point"},
		// Scientific notation, as spreadsheets write long numbers.
		{cell: "1e3", says: "scientific notation"},
		{cell: "9.37E+06", says: "was shortened by a spreadsheet, and digits are lost"},
		{cell: "1e999", says: "scientific notation"},
		// Literals that are numbers only in Go.
		{cell: "1_000", says: "not a number"},
		{cell: "0x1F", says: "not a number"},
		{cell: "0x1p4", says: "not a number"},
		{cell: "Inf", says: "not a number"},
		{cell: "NaN", says: "not a number"},
		// Separators, words, several numbers.
		{cell: "9,367,001", says: "has separators between its digits"},
		{cell: "9 367 001", says: "has separators between its digits"},
		{cell: "VIP", says: "not a number"},
		{cell: "1-2", says: "not a number"},
		// Digits of other scripts, superscripts.
		{cell: "１２", says: "digits other than 0 to 9"},
		{cell: "1٢", says: "digits other than 0 to 9"},
		{cell: "1²", says: "not a number"},
		// Invisible characters are named.
		{cell: "12\x00", says: `"12[control character U+0000]" is not a number`},
		{cell: "\u200b12", says: `"[zero-width space]12" is not a number`},
		{cell: "12\xfc", says: "the bytes FC are not UTF-8"},
	} {
		id, reason := parseGroupID(tt.cell)
		if id != tt.id || !strings.Contains(reason, tt.says) || (reason == "") != (tt.says == "") {
			t.Errorf("%.40q: %d, %q, want %d and %q", tt.cell, id, reason, tt.id, tt.says)
		}
	}
}
