package groupfile

import (
	"strings"
	"testing"
)

func TestParseGroupID(t *testing.T) {
	for _, tt := range []struct {
		cell string
		id   int32
		want string // contained in the reason
	}{
		// The smallest and the largest id.
		{cell: "1", id: 1},
		{cell: "2147483647", id: 2147483647},
		// Spaces around the id, and any number of leading zeros.
		{cell: " \t0012\u00a0", id: 12},
		{cell: strings.Repeat("0", 50) + "7", id: 7},
		// Empty cells.
		{cell: "", want: "it is empty"},
		{cell: " \u3000", want: "it is empty"},
		// Group 0 cannot be changed.
		{cell: "0", want: "default group"},
		{cell: "000", want: "default group"},
		// Too large: the largest id plus one, more than 32 bits, more than 64 bits, hundreds of digits.
		{cell: "2147483648", want: "too large"},
		{cell: "4294967297", want: "too large"},
		{cell: "9223372036854775808", want: "too large"},
		{cell: strings.Repeat("9", 400), want: "…\" is too large"},
		// Signs.
		{cell: "-1", want: "negative"},
		{cell: "-0", want: "negative"},
		{cell: "+5", want: "has a sign"},
		{cell: "- 5", want: "not a number"},
		// Fractions, and whole numbers with a decimal point.
		{cell: "12.9", want: "a fraction"},
		{cell: ".5", want: "a fraction"},
		{cell: "12.0", id: 12},
		{cell: "12.", want: "a decimal point"},
		// Scientific notation, as spreadsheets write long numbers.
		{cell: "1e3", want: "scientific notation"},
		{cell: "9.37E+06", want: "was shortened by a spreadsheet, and digits are lost"},
		{cell: "1e999", want: "scientific notation"},
		// Go literals.
		{cell: "1_000", want: "not a number"},
		{cell: "0x1F", want: "not a number"},
		{cell: "0x1p4", want: "not a number"},
		{cell: "Inf", want: "not a number"},
		{cell: "NaN", want: "not a number"},
		// Separators, words, several numbers.
		{cell: "9,367,001", want: "has separators between its digits"},
		{cell: "9 367 001", want: "has separators between its digits"},
		{cell: "VIP", want: "not a number"},
		{cell: "1-2", want: "not a number"},
		// Digits of other scripts, superscripts.
		{cell: "１２", want: "digits other than 0 to 9"},
		{cell: "1٢", want: "digits other than 0 to 9"},
		{cell: "1²", want: "not a number"},
		// Invisible characters are named.
		{cell: "12\x00", want: `"12[control character U+0000]" is not a number`},
		{cell: "\u200b12", want: `"[zero-width space]12" is not a number`},
		{cell: "12\xfc", want: "the byte FC is not UTF-8"},
	} {
		id, reason := parseGroupID(tt.cell)
		if id != tt.id || !strings.Contains(reason, tt.want) || (reason == "") != (tt.want == "") {
			t.Errorf("%.40q: %d, %q, want %d and %q", tt.cell, id, reason, tt.id, tt.want)
		}
	}
}
