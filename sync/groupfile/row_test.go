package groupfile

import (
	"testing"

	"groupsync/ecwid"
)

func TestSetUpdate(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cells Cells
		want  string
	}{
		// The error is that of the first cell with a fault.
		{"two faults", Cells{"x", "a\n", "b"}, `0 !groupId: "x" is not a number: a group id consists of digits only`},
		{"name", Cells{"1", "a\x00", "b\n"}, "0 !name: it contains the control character U+0000: remove it"},
		{"externalReferenceId", Cells{"1", "a", "\xfc"}, "0 !externalReferenceId: the byte FC is not UTF-8; in windows-1252 the cell is \"ü\", in windows-1251 it is \"ь\""},
		// A cell with only white space is empty, even if that is a control character.
		{"only a line break", Cells{"1", "\n", "b"}, `0 1 - "b"`},
	} {
		row := Row{Cells: tt.cells}
		row.setUpdate(false, false, "")
		if got := summarize(row); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		if row.Err != nil && (row.ID != 0 || row.Update != (ecwid.CustomerGroupUpdate{})) {
			t.Errorf("%s: a row that cannot be sent has something to send: %+v", tt.name, row)
		}
	}
}

func TestNothingToSend(t *testing.T) {
	for _, tt := range []struct {
		cells     Cells
		key, want string
	}{
		{Cells{"1", "", " "}, "", "0 !there is nothing to send: name and externalReferenceId are empty"},
		{Cells{"1", "VIP", ""}, ColumnName, "0 !there is nothing to send: externalReferenceId is empty"},
		{Cells{"1", "", "erp-1"}, ColumnExternalID, "0 !there is nothing to send: name is empty"},
	} {
		row := Row{Cells: tt.cells}
		row.setUpdate(false, false, tt.key)
		if got := summarize(row); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.cells, got, tt.want)
		}
	}
}
