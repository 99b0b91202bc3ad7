package groupfile

import (
	"testing"

	"groupsync/ecwid"
)

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
