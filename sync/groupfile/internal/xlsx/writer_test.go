package xlsx

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// hostile are values that spreadsheet programs change or run unless their cells are text cells.
var hostile = []string{
	"00017", "12345678901234567890", "1E5", "=1+1", "-", "2026-11-23", "TRUE", "+49 30", "@x",
	" spaces ", "line\nbreak", "tab\there", "carriage\rreturn", "bell\a", "_x000D_", "_x12_", "a & <b> \"c\"",
	"Größe", "顧客", "👩‍👩‍👧", "\ufffe", strings.Repeat("x", 32000),
}

// table returns a table with a header and these rows.
func table(name string, rows ...[]string) Table {
	return Table{Name: name, Header: []string{"groupId", "name", "externalReferenceId"}, Rows: slices.Values(rows)}
}

func TestWrite(t *testing.T) {
	var want [][]string
	for _, cell := range hostile {
		want = append(want, []string{"17", cell, "erp-0001"})
	}
	hidden := table("base", []string{"1", "", "x"})
	hidden.Hidden = true
	var out bytes.Buffer
	if err := Write(&out, table(`groups & "more"`, want...), hidden); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if diff := cmp.Diff([]string{`groups & "more"`, "base"}, f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	if visible, err := f.GetSheetVisible("base"); err != nil || visible {
		t.Errorf("the sheet base is visible: %v, %v", visible, err)
	}
	got, err := f.GetRows(`groups & "more"`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got[1:]); diff != "" {
		t.Error(diff)
	}
	for _, cell := range []string{"A2", "B5", "C7"} {
		id, err := f.GetCellStyle(`groups & "more"`, cell)
		if err != nil {
			t.Fatal(err)
		}
		style, err := f.GetStyle(id)
		if err != nil || style.NumFmt != 49 {
			t.Errorf("%s has the number format %d, want 49 (text): %v", cell, style.NumFmt, err)
		}
	}
}

func TestWriteIsReproducible(t *testing.T) {
	var a, b bytes.Buffer
	if err := errors.Join(Write(&a, table("x", hostile)), Write(&b, table("x", hostile))); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same table gave different bytes")
	}
}

// failAfter is a writer that fails after n bytes, as a full disk does.
type failAfter struct{ n int }

var errFull = errors.New("no space left")

func (f *failAfter) Write(p []byte) (int, error) {
	if f.n -= len(p); f.n < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteError(t *testing.T) {
	var out bytes.Buffer
	if err := Write(&out, table("x", hostile)); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < out.Len(); n += 100 {
		if err := Write(&failAfter{n}, table("x", hostile)); !errors.Is(err, errFull) {
			t.Errorf("a disk that is full after %d bytes: got %v", n, err)
		}
	}
}
