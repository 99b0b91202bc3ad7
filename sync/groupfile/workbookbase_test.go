package groupfile

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"groupsync/ecwid"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// pulledGroups have values that some programs change when they save a workbook.
var pulledGroups = []ecwid.CustomerGroup{
	{ID: 1, Name: "00017", ExternalReferenceID: "12345678901234567890"},
	{ID: 2, Name: "=1+1", ExternalReferenceID: "1E5"},
	{ID: 3, Name: " Größe 顧客 \u0301\u200b ", ExternalReferenceID: ""},
	{ID: 4, Name: "a\r\nb\rc\td\x00\x07_x000D_\ufffe", ExternalReferenceID: `"quoted", and \n`},
	{ID: 5, Name: strings.Repeat("ü", 32767), ExternalReferenceID: "-"},
	{ID: 6, Name: "TRUE", ExternalReferenceID: "2026-11-23"},
}

var origin = Origin{StoreID: "1003", Pulled: time.Date(2026, 11, 23, 20, 14, 0, 0, time.UTC)}

// workbookOf returns a workbook of these groups.
func workbookOf(t testing.TB, groups []ecwid.CustomerGroup, o *Origin) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := WriteWorkbook(&out, groups, o); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// resaved returns the workbook as excelize saves it after an edit.
func resaved(t testing.TB, data []byte, edit func(*excelize.File) error) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := edit(f); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// workbookBaseOf returns the hidden sheet of a workbook, and its groups.
func workbookBaseOf(t testing.TB, data []byte) (*WorkbookBase, []ecwid.CustomerGroup, error) {
	t.Helper()
	in, err := NewInput(t.Context(), bytes.NewReader(data), ReaderOptions{Name: "groups.xlsx"})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	base, err := in.WorkbookBase(t.Context())
	if base == nil || err != nil {
		return base, nil, err
	}
	var groups []ecwid.CustomerGroup
	for g, err := range base.Groups {
		if err != nil {
			t.Fatal(err)
		}
		groups = append(groups, g)
	}
	return base, groups, nil
}

func TestWorkbookBase(t *testing.T) {
	written := workbookOf(t, pulledGroups, &origin)
	for name, data := range map[string][]byte{
		"as written": written,
		"edited and saved": resaved(t, written, func(f *excelize.File) error {
			return f.SetCellStr("Groups", "B2", "edited")
		}),
		"rows removed and added": resaved(t, written, func(f *excelize.File) error {
			if err := f.RemoveRow("Groups", 3); err != nil {
				return err
			}
			if err := f.DuplicateRowTo("Groups", 2, 9); err != nil {
				return err
			}
			return f.SetCellStr("Groups", "A12", "7")
		}),
		"sheets renamed, moved and added": resaved(t, written, func(f *excelize.File) error {
			if err := f.SetSheetName("Groups", "Gruppen"); err != nil {
				return err
			}
			if err := f.MoveSheet(baseSheet, "Gruppen"); err != nil {
				return err
			}
			_, err := f.NewSheet("Notes")
			return err
		}),
	} {
		t.Run(name, func(t *testing.T) {
			base, groups, err := workbookBaseOf(t, data)
			if err != nil {
				t.Fatal(err)
			}
			if base == nil || base.Origin != origin {
				t.Fatalf("got %+v, want the origin %+v", base, origin)
			}
			if diff := cmp.Diff(pulledGroups, groups); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWorkbookBaseEdited(t *testing.T) {
	written := workbookOf(t, pulledGroups, &origin)
	set := func(cell, value string) func(*excelize.File) error {
		return func(f *excelize.File) error { return f.SetCellStr(baseSheet, cell, value) }
	}
	remove := func(row int) func(*excelize.File) error {
		return func(f *excelize.File) error { return f.RemoveRow(baseSheet, row) }
	}
	for name, tt := range map[string]struct {
		edit   func(*excelize.File) error
		reason string
	}{
		"another store":    {set("B1", "1004"), "its checksum is wrong"},
		"another time":     {set("C1", "2026-11-24T20:14:00Z"), "its checksum is wrong"},
		"no time":          {set("C1", "yesterday"), "row 1 was changed"},
		"another format":   {set("A1", "groupsync base 2"), "row 1 was changed"},
		"another checksum": {set("D1", strings.Repeat("0", 64)), "its checksum is wrong"},
		"an extra cell":    {set("E1", "x"), "row 1 was changed"},
		"another value":    {set("A2", `1,"00018","12345678901234567890"`), "its checksum is wrong"},
		"not a group":      {set("A3", "2"), "row 3 was changed"},
		"no end quote":     {set("A3", `2,"a`), "row 3 was changed"},
		"one value only":   {set("A3", `2,"a"`), "row 3 was changed"},
		"a third value":    {set("B3", "x"), "row 3 was changed"},
		"an invalid id":    {set("A3", `99999999999,"a","b"`), "row 3 was changed"},
		"a row is missing": {remove(4), "its checksum is wrong"},
		"no last row":      {remove(7), "its checksum is wrong"},
		"no first row":     {remove(1), "row 1 was changed"},
		"an empty sheet":   {func(f *excelize.File) error { f.DeleteSheet(baseSheet); _, err := f.NewSheet(baseSheet); return err }, "row 1 was changed"},
		"an extra row":     {set("A8", `7,"a","b"`), "its checksum is wrong"},
		"a number":         {func(f *excelize.File) error { return f.SetCellInt(baseSheet, "A2", 17) }, "row 2 was changed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, groups, err := workbookBaseOf(t, resaved(t, written, tt.edit))
			want := `groups.xlsx: its hidden sheet "groupsync base" with the pulled values was damaged or edited: ` + tt.reason
			if err == nil || err.Error() != want {
				t.Errorf("got %d groups and %v, want %s", len(groups), err, want)
			}
		})
	}
}

func TestNoWorkbookBase(t *testing.T) {
	for name, data := range map[string][]byte{
		"a CSV file":                    []byte("groupId,name\n1,a\n"),
		"a workbook of another program": zipParts(t, workbookParts(headerRow)),
		"a workbook without origin":     workbookOf(t, pulledGroups, nil),
		"a deleted sheet":               resaved(t, workbookOf(t, pulledGroups, &origin), func(f *excelize.File) error { return f.DeleteSheet(baseSheet) }),
	} {
		if base, _, err := workbookBaseOf(t, data); base != nil || err != nil {
			t.Errorf("%s: got %v, %v", name, base, err)
		}
	}
}
