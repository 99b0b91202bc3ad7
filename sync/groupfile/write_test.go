package groupfile

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"groupsync/ecwid"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func TestWriteWorkbook(t *testing.T) {
	f, err := excelize.OpenReader(bytes.NewReader(workbookOf(t, pulledGroups, &origin)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := f.GetRows("Groups")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"groupId", "name", "externalReferenceId"}}
	for _, g := range pulledGroups {
		c := groupCells(g)
		row := []string{c.GroupID, c.Name, c.ExternalReferenceID}
		if c.ExternalReferenceID == "" {
			row = row[:2]
		}
		want = append(want, row)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if visible, err := f.GetSheetVisible(baseSheet); visible || err != nil {
		t.Errorf("the hidden sheet is visible: %v, %v", visible, err)
	}
}

// A Reader accepts the output of WriteWorkbook, and its rows have the values of the groups.
func TestWriteWorkbookRoundTrip(t *testing.T) {
	groups := append(pulledGroups[:3:3], pulledGroups[5])
	rows, err := summarizeWorkbook(t, workbookOf(t, groups, &origin), ReaderOptions{ClearBlank: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`2 1 "00017" "12345678901234567890"`,
		`3 2 "=1+1" "1E5"`,
		"4 3 \" Größe 顧客 \u0301\u200b \" null",
		`5 6 "TRUE" "2026-11-23"`,
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
}

func TestWriteWorkbookTooLarge(t *testing.T) {
	for want, groups := range map[string][]ecwid.CustomerGroup{
		"group 7: name: it is longer than 32767 characters, the most that a cell holds":                {{ID: 7, Name: strings.Repeat("ü", 32768)}},
		"group 8: externalReferenceId: it is longer than 32767 characters, the most that a cell holds": {{ID: 8, ExternalReferenceID: strings.Repeat("😀", 16384)}},
		"a sheet holds at most 1048575 groups, and there are 1048576":                                  make([]ecwid.CustomerGroup, 1<<20),
	} {
		if err := WriteWorkbook(io.Discard, groups, nil); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestIsWorkbook(t *testing.T) {
	for name, want := range map[string]bool{"a.xlsx": true, "b/A.XLSX": true, "a.csv": false, "xlsx": false, "-": false, "a.xlsx.csv": false} {
		if IsWorkbook(name) != want {
			t.Errorf("%s: got %v", name, !want)
		}
	}
}
