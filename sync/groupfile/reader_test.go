package groupfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"

	"groupsync/ecwid"

	"github.com/google/go-cmp/cmp"
)

// readAll returns all rows of a CSV file.
func readAll(t testing.TB, in string, o ReaderOptions) []Row {
	t.Helper()
	o.Name = "groups.csv"
	r, err := NewReader(t.Context(), strings.NewReader(in), o)
	if err != nil {
		t.Fatal(err)
	}
	var all []Row
	for row, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	return all
}

// summarize returns the line of a row, and either its id and its update, or its error.
func summarize(row Row) string {
	if row.Err != nil {
		return fmt.Sprintf("%d !%v", row.Line, row.Err)
	}
	s := fmt.Sprintf("%d %d", row.Line, row.ID)
	for _, value := range []ecwid.OptionalString{row.Update.Name, row.Update.ExternalReferenceID} {
		switch {
		case value.IsZero():
			s += " -"
		case value == ecwid.Null():
			s += " null"
		default:
			b, _ := json.Marshal(value.Value())
			s += " " + string(b)
		}
	}
	return s
}

// summaries returns a summary of each row.
func summaries(t *testing.T, r *Reader) (all []string) {
	t.Helper()
	for row, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, summarize(row))
	}
	return all
}

func TestReader(t *testing.T) {
	const header = "groupId,name,externalReferenceId\n"
	for _, tt := range []struct {
		name, in string
		options  ReaderOptions
		want     []string
	}{
		// Only a header.
		{name: "no rows", in: header},
		// A byte order mark is not part of the first header.
		{name: "byte order mark", in: "\ufeff" + header + "1,a,b\n", want: []string{`2 1 "a" "b"`}},
		// Blank lines may be before the header, and anywhere else.
		{name: "blank lines", in: "\n" + header + "\n1,a,b\n\n", want: []string{`4 1 "a" "b"`}},
		// Columns may have any order and similar names. Other columns are ignored.
		{
			name: "header", in: "note,EXTERNAL reference_ID,,\u00a0group-Id ,na me\nx,b,y,1,a\n",
			want: []string{`2 1 "a" "b"`},
		},
		// A line break in a quoted header counts as a line.
		{name: "header of two lines", in: "\"a\nb\",groupId,name\nx,1,a\n", want: []string{`3 1 "a" -`}},
		// A column that is absent is never sent.
		{name: "no name", in: "groupId,externalReferenceId\n1,b\n", want: []string{`2 1 - "b"`}},
		// An empty cell is not sent, nor is one with only white space.
		{name: "empty", in: header + "1,,b\n1,a,\n1,\u3000 ,b\n1,a,\" \t\"\n", want: []string{`2 1 - "b"`, `3 1 "a" -`, `4 1 - "b"`, `5 1 "a" -`}},
		// With ClearBlank, an empty external id is null, and an empty name is not sent.
		{
			name: "clear", in: header + "1,a,\n1,,\n1,a, \n1,,b\n", options: ReaderOptions{ClearBlank: true},
			want: []string{`2 1 "a" null`, `3 1 - null`, `4 1 "a" null`, `5 1 - "b"`},
		},
		// An absent column clears nothing.
		{name: "clear, no column", in: "groupId,name\n1,a\n2,\n", options: ReaderOptions{ClearBlank: true}, want: []string{
			`2 1 "a" -`, `3 !there is nothing to send: name and externalReferenceId are empty`,
		}},
		// A column status alone does not make a results file.
		{name: "clear, with a column status", in: "groupId,externalReferenceId,status\n1,,x\n", options: ReaderOptions{ClearBlank: true}, want: []string{`2 1 - null`}},
		// A value is sent as it is in the cell. Only the id is trimmed.
		{name: "verbatim", in: header + "\u00a01\t,\" a, \"\"b\"\" \",=x\n", want: []string{`2 1 " a, \"b\" " "=x"`}},
		// Missing cells are blank.
		{name: "missing cells", in: header + "1,a\n1\n", want: []string{
			`2 1 "a" -`, `3 !there is nothing to send: name and externalReferenceId are empty`,
		}},
		// A row with too many cells is invalid, unless they are blank.
		{name: "too many cells", in: header + "1,a,b,, \n1,a,b,c\n1,a,b,\"\n\",,c\n", want: []string{
			`2 1 "a" "b"`,
			`3 !the row has 4 cells and the header has 3: a comma inside a cell needs quotes around the cell`,
			`4 !the row has 6 cells and the header has 3: a comma inside a cell needs quotes around the cell`,
		}},
		// Line breaks in ignored columns count as lines.
		{name: "lines", in: "groupId,name,note\n1,a,\"x\n\r\ny\"\n2,b,\n", want: []string{`2 1 "a" -`, `5 2 "b" -`}},
		// A broken row does not affect the rows after it.
		{name: "a broken row", in: header + "1,\"a\n2,b,c\n", want: []string{"2 !a quote is opened but not closed", `3 2 "b" "c"`}},
		// A results file is a valid input.
		{
			name: "results", in: "line,groupId,name,externalReferenceId,status,updateCount,httpStatus,attempts,error,storeId\n2,1,a,,failed,,500,5,x,17\n",
			want: []string{`2 1 "a" -`},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, row := range readAll(t, tt.in, tt.options) {
				got = append(got, summarize(row))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewReaderErrors(t *testing.T) {
	results := "line,groupId,name,externalReferenceId,status,updateCount,httpStatus,attempts,error,storeId\n"
	for _, tt := range []struct{ name, in, want string }{
		// An empty file, only a byte order mark, only blank lines.
		{"empty", "", "groups.csv: the file is empty: it needs a header, such as groupId,name,externalReferenceId"},
		{"byte order mark", "\ufeff", "groups.csv: the file is empty: it needs a header, such as groupId,name,externalReferenceId"},
		{"blank lines", "\n\r\n", "groups.csv: the file is empty: it needs a header, such as groupId,name,externalReferenceId"},
		// The column groupId is missing, or the header cannot be read.
		{"unreadable", "\nid, \"name\n", "groups.csv: line 2: the header cannot be read: there are spaces before the opening quote of a cell: remove them"},
		{"no groupId", "no,group name\n", `groups.csv: line 1: there is no column groupId: the columns are "no", "group name" ("group name" is read as name)`},
		// A column that occurs twice, with different spellings.
		{"twice", "groupId,name,Group ID\n", `groups.csv: line 1: several columns match groupId: "groupId", "Group ID"`},
		{"name twice", "groupId,name,NAME\n", `groups.csv: line 1: several columns match name: "name", "NAME"`},
		// There is no value to send.
		{"nothing to send", "groupId,title\n", `groups.csv: line 1: there is no column name or externalReferenceId: the columns are "groupId", "title"`},
		// A quote that is not closed, and a header that is too long.
		{"unclosed", "groupId,\"name\n1,a\n", "groups.csv: line 1: the header cannot be read: a quote is opened but not closed"},
		{"too long", strings.Repeat("groupId,", 1<<18), "groups.csv: line 1: the header cannot be read: the row is longer than 1048576 bytes"},
		// Empty cells of results must not clear values.
		{"clear results", results, "groups.csv: line 1: this is a results file: its empty cells were not meant to clear anything"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := NewReader(t.Context(), strings.NewReader(tt.in), ReaderOptions{Name: "groups.csv", ClearBlank: true})
			if _, ok := errors.AsType[*InputError](err); !ok || err.Error() != tt.want {
				t.Errorf("error %T\n %v, want\n %s", err, err, tt.want)
			}
		})
	}
}

// The length of a message is limited, even if the header has many or long cells.
func TestNewReaderErrorBounded(t *testing.T) {
	for _, in := range []string{
		strings.Repeat("x,", 10000) + "\n",
		strings.Repeat("\x00\xff\u2028", 10000) + "\n",
		"groupId," + strings.Repeat(" ", 10000) + "group id\n",
	} {
		_, err := NewReader(t.Context(), strings.NewReader(in), ReaderOptions{Name: "groups.csv"})
		if err == nil || len(err.Error()) > 1500 || strings.ContainsFunc(err.Error(), unicode.IsControl) {
			t.Errorf("%.20q: %v", in, err)
		}
	}
}

// A read error names the file and the line. The rows before it are read.
func TestReaderReadError(t *testing.T) {
	errDisk := errors.New("disk failure")
	r, err := NewReader(t.Context(), io.MultiReader(strings.NewReader("groupId,name\n1,a\n2,"), iotest.ErrReader(errDisk)), ReaderOptions{Name: "groups.csv"})
	if err != nil {
		t.Fatal(err)
	}
	if row, err := r.Next(); err != nil || row.ID != 1 {
		t.Errorf("got %v, %v", row, err)
	}
	for range 2 {
		if _, err := r.Next(); !errors.Is(err, errDisk) || err.Error() != "groups.csv: reading line 3: disk failure" {
			t.Errorf("error %v", err)
		}
	}
	// A read error in the header.
	if _, err := NewReader(t.Context(), iotest.ErrReader(errDisk), ReaderOptions{Name: "groups.csv"}); !errors.Is(err, errDisk) {
		t.Errorf("error %v", err)
	}
}

func TestReaderBlankRows(t *testing.T) {
	r, err := NewReader(t.Context(), strings.NewReader("\ngroupId,name\n\n1,a\n\r\n\n"), ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for range r.All() {
	}
	if r.BlankRows() != 4 {
		t.Errorf("got %d blank rows, want 4", r.BlankRows())
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
}

// A row has the cells as they are in the file, even if it cannot be sent. A broken row has no cells. A row with too many
// cells keeps only the first: the others may be in the wrong columns.
func TestReaderCells(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	all := readAll(t, "note,groupId,name,externalReferenceId\n"+
		long[:1<<19]+", 0012 ,\" a \",0017\n,12.9,\"b\nc\",\n,1,a,b,c\n,1,\"a\n,"+long+"\n", ReaderOptions{})
	var got []Cells
	for _, row := range all {
		got = append(got, row.Cells)
	}
	if diff := cmp.Diff([]Cells{{" 0012 ", " a ", "0017"}, {"12.9", "b\nc", ""}, {}, {}, {}}, got); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
	all = readAll(t, "name,groupId\na,1,x\n", ReaderOptions{})
	if all[0].Cells != (Cells{Name: "a"}) {
		t.Errorf("a row with too many cells has the cells %q", all[0].Cells)
	}
}

// Rows do not keep the ignored columns of the file in memory.
func TestReaderReleasesIgnoredColumns(t *testing.T) {
	const n, note = 200, 100 << 10
	heapSize := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	in := "groupId,name,note\n" + strings.Repeat("1,a,"+strings.Repeat("x", note)+"\n", n)
	before := heapSize()
	all := readAll(t, in, ReaderOptions{})
	if grown := int64(heapSize()) - int64(before); grown > n*note/10 {
		t.Errorf("%d rows of short cells hold %d bytes", len(all), grown)
	}
	runtime.KeepAlive(in)
	runtime.KeepAlive(all)
}
