package groupfile

import (
	"strings"
	"testing"

	"groupsync/ecwid"
)

func TestParseGroupID(t *testing.T) {
	for _, tt := range []struct {
		cell string
		id   int32
		says string // what the reason holds
	}{
		// The least and the greatest.
		{cell: "1", id: 1},
		{cell: "2147483647", id: 2147483647},
		// Blanks around it and zeros before it, however many.
		{cell: " \t0012\u00a0", id: 12},
		{cell: strings.Repeat("0", 50) + "7", id: 7},
		// No id.
		{cell: "", says: "it is empty"},
		{cell: " \u3000", says: "it is empty"},
		// Zero is a group, but not one to change.
		{cell: "0", says: "default group"},
		{cell: "000", says: "default group"},
		// Greater than 32 bits, than 64, than any number, and just so.
		{cell: "2147483648", says: "greater than any group id"},
		{cell: "4294967297", says: "greater than any group id"},
		{cell: "9223372036854775808", says: "greater than any group id"},
		{cell: strings.Repeat("9", 400), says: "…\" is greater than any group id"},
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
		// What spreadsheets make of long numbers, even beyond any number.
		{cell: "1e3", says: "scientific notation"},
		{cell: "9.37E+06", says: "was shortened by a spreadsheet, and digits are lost"},
		{cell: "1e999", says: "scientific notation"},
		// What Go takes for numbers, and nobody else.
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
		// What cannot be seen is shown.
		{cell: "12\x00", says: `"12\x00" is not a number`},
		{cell: "\u200b12", says: `"\u200b12" is not a number`},
		{cell: "12\xfc", says: "the bytes FC are not UTF-8"},
	} {
		id, reason := parseGroupID(tt.cell)
		if id != tt.id || !strings.Contains(reason, tt.says) || (reason == "") != (tt.says == "") {
			t.Errorf("%.40q: %d, %q, want %d and %q", tt.cell, id, reason, tt.id, tt.says)
		}
	}
}

func TestTextFault(t *testing.T) {
	for _, tt := range []struct{ cell, want string }{
		// Any script, marks, and what only looks like a fault.
		{"Großkunden, Оптовые 大口 🥉 e\u0301", ""},
		{" blanks\u00a0\u200b ", ""},
		{"Gro\ufffdkunden", "it contains U+FFFD in place of a letter that was lost when the file was converted: copy the text again from the original"},
		// Line breaks of every kind.
		{"a\nb", "it contains a line break: put the text on one line"},
		{"a\rb", "it contains a line break: put the text on one line"},
		// Other control characters, C1 among them.
		{"a\tb", "it contains a tab: remove it"},
		{"a\x00", "it contains the control character U+0000: remove it"},
		{"\x7fa", "it contains the control character U+007F: remove it"},
		{"a\u0085b", "it contains the control character U+0085: remove it"},
		// Windows-1252, a cut character, half a surrogate pair.
		{"Gro\xdfkunden", `the bytes DF are not UTF-8; in windows-1252 the cell is "Großkunden"`},
		{"a\xe5\xa4", "the bytes E5 A4 are not UTF-8"},
		{"\xed\xa0\x80", `the bytes ED A0 80 are not UTF-8; in windows-1251 the cell is "н\u00a0Ђ"`},
	} {
		if got := textFault(tt.cell); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.cell, got, tt.want)
		}
	}
}

func TestUnderstand(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cells Cells
		want  string
	}{
		// The first cell at fault is named.
		{"two faults", Cells{"x", "a\n", "b"}, `0 !groupId: "x" is not a number: a group id is digits only`},
		{"name", Cells{"1", "a\x00", "b\n"}, "0 !name: it contains the control character U+0000: remove it"},
		{"externalReferenceId", Cells{"1", "a", "\xfc"}, "0 !externalReferenceId: the bytes FC are not UTF-8; in windows-1252 the cell is \"ü\", in windows-1251 \"ь\""},
		// Blanks that are control characters are an empty cell.
		{"line break alone", Cells{"1", "\n", "b"}, `0 1 - "b"`},
	} {
		row := Row{Cells: tt.cells}
		row.understand(false, false, "")
		if got := summed(row); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		if row.Err != nil && (row.ID != 0 || row.Update != (ecwid.CustomerGroupUpdate{})) {
			t.Errorf("%s: a row that cannot be sent has something to send: %+v", tt.name, row)
		}
	}
}
