package groupfile

import (
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

// readAll reads all rows of an input that is called groups.csv.
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

// summarize returns a summary of a row: line, id and what would be sent, or line and error.
func summarize(row Row) string {
	if row.Err != nil {
		return fmt.Sprintf("%d !%v", row.Line, row.Err)
	}
	s := fmt.Sprintf("%d %d", row.Line, row.ID)
	for _, text := range []ecwid.OptionalString{row.Update.Name, row.Update.ExternalReferenceID} {
		b, _ := text.MarshalJSON()
		if text.IsZero() {
			b = []byte("-")
		}
		s += " " + string(b)
	}
	return s
}

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
		// Only a header: no rows.
		{name: "no rows", in: header},
		// A byte order mark is no part of the first name.
		{name: "byte order mark", in: "\ufeff" + header + "1,a,b\n", want: []string{`2 1 "a" "b"`}},
		// Blank lines may stand before the header, and everywhere.
		{name: "blank lines", in: "\n" + header + "\n1,a,b\n\n", want: []string{`4 1 "a" "b"`}},
		// The order is free, other columns are ignored, names match loosely, no-break spaces too.
		{
			name: "header", in: "note,EXTERNAL reference_ID,,\u00a0group-Id ,na me\nx,b,y,1,a\n",
			want: []string{`2 1 "a" "b"`},
		},
		// A quoted header may hold a line break, which counts as a line.
		{name: "header of two lines", in: "\"a\nb\",groupId,name\nx,1,a\n", want: []string{`3 1 "a" -`}},
		// A column that is absent is never sent.
		{name: "no name", in: "groupId,externalReferenceId\n1,b\n", want: []string{`2 1 - "b"`}},
		// An empty cell is not sent, nor is one of any blanks.
		{name: "empty", in: header + "1,,b\n1,a,\n1,\u3000 ,b\n1,a,\" \t\"\n", want: []string{`2 1 - "b"`, `3 1 "a" -`, `4 1 - "b"`, `5 1 "a" -`}},
		// With --blank clear an empty external id is null; an empty name is still not sent.
		{
			name: "clear", in: header + "1,a,\n1,,\n1,a, \n1,,b\n", options: ReaderOptions{ClearBlank: true},
			want: []string{`2 1 "a" null`, `3 1 - null`, `4 1 "a" null`, `5 1 - "b"`},
		},
		// But a column that is absent clears nothing.
		{name: "clear, no column", in: "groupId,name\n1,a\n2,\n", options: ReaderOptions{ClearBlank: true}, want: []string{
			`2 1 "a" -`, `3 !there is nothing to send: name and externalReferenceId are empty`,
		}},
		// A file may have a status of its own.
		{name: "clear, a status", in: "groupId,externalReferenceId,status\n1,,x\n", options: ReaderOptions{ClearBlank: true}, want: []string{`2 1 - null`}},
		// Text is sent as the cell holds it; only the id is trimmed.
		{name: "verbatim", in: header + "\u00a01\t,\" a, \"\"b\"\" \",=x\n", want: []string{`2 1 " a, \"b\" " "=x"`}},
		// Too few cells are blanks.
		{name: "ragged", in: header + "1,a\n1\n", want: []string{
			`2 1 "a" -`, `3 !there is nothing to send: name and externalReferenceId are empty`,
		}},
		// Too many cells are refused unless they are blank.
		{name: "too many cells", in: header + "1,a,b,, \n1,a,b,c\n1,a,b,\"\n\",,c\n", want: []string{
			`2 1 "a" "b"`,
			`3 !the row has 4 cells and the header has 3: a comma inside a cell needs quotes around the cell`,
			`4 !the row has 6 cells and the header has 3: a comma inside a cell needs quotes around the cell`,
		}},
		// Line breaks in other columns do no harm, but count.
		{name: "lines", in: "groupId,name,note\n1,a,\"x\n\r\ny\"\n2,b,\n", want: []string{`2 1 "a" -`, `5 2 "b" -`}},
		// A broken row costs itself.
		{name: "broken", in: header + "1,\"a\n2,b,c\n", want: []string{"2 !a quote is opened and not closed", `3 2 "b" "c"`}},
		// A results file is an input.
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
		// Nothing at all, nothing but a byte order mark, nothing but blank lines.
		{"empty", "", "groups.csv: the file is empty: it needs a header with groupId, name, externalReferenceId"},
		{"mark", "\ufeff", "groups.csv: the file is empty: it needs a header with groupId, name, externalReferenceId"},
		{"blank", "\n\r\n", "groups.csv: the file is empty: it needs a header with groupId, name, externalReferenceId"},
		// The id is missing: name what is there.
		{"no id", "\nid, \"name\n", "groups.csv: line 2: the header cannot be read: there are spaces before the opening quote of a cell: remove them"},
		{"no groupId", "no,group name\n", `groups.csv: line 1: there is no column groupId: the columns are "no", "group name" ("group name" is read as name)`},
		// A column of ours twice, however it is spelt.
		{"twice", "groupId,name,Group ID\n", `groups.csv: line 1: several columns match groupId: "groupId", "Group ID"`},
		{"name twice", "groupId,name,NAME\n", `groups.csv: line 1: several columns match name: "name", "NAME"`},
		// Nothing to send.
		{"nothing to send", "groupId,title\n", `groups.csv: line 1: there is no column name or externalReferenceId: the columns are "groupId", "title"`},
		// A quote that is not closed, and a header without an end.
		{"unclosed", "groupId,\"name\n1,a\n", "groups.csv: line 1: the header cannot be read: a quote is opened and not closed"},
		{"too long", strings.Repeat("groupId,", 1<<18), "groups.csv: line 1: the header cannot be read: the row is longer than 1048576 bytes"},
		// Results were not meant to clear.
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

// Many or long foreign names make no long message.
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

// A read error names file and line, and comes behind the rows before it.
func TestReaderReadError(t *testing.T) {
	gone := errors.New("the disk is gone")
	r, err := NewReader(t.Context(), io.MultiReader(strings.NewReader("groupId,name\n1,a\n2,"), iotest.ErrReader(gone)), ReaderOptions{Name: "groups.csv"})
	if err != nil {
		t.Fatal(err)
	}
	if row, err := r.Next(); err != nil || row.ID != 1 {
		t.Errorf("got %v, %v", row, err)
	}
	for range 2 {
		if _, err := r.Next(); !errors.Is(err, gone) || err.Error() != "groups.csv: reading line 3: the disk is gone" {
			t.Errorf("error %v", err)
		}
	}
	// Of the header as well.
	if _, err := NewReader(t.Context(), iotest.ErrReader(gone), ReaderOptions{Name: "groups.csv"}); !errors.Is(err, gone) {
		t.Errorf("error %v", err)
	}
}

func TestReaderSkipped(t *testing.T) {
	r, err := NewReader(t.Context(), strings.NewReader("\ngroupId,name\n\n1,a\n\r\n\n"), ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for range r.All() {
	}
	if r.BlankRows() != 4 {
		t.Errorf("skipped %d lines", r.BlankRows())
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
}

// Cells are in the row as in the file, also of a row that cannot be sent. A broken one has none, and one with a cell
// too many has only the first: the others may be in another column.
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
		t.Errorf("a row with a cell too many has the cells %q", all[0].Cells)
	}
}

// Rows that wait for their turn do not keep the file's other columns in memory.
func TestReaderKeepsCellsOnly(t *testing.T) {
	const n, note = 200, 100 << 10
	held := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	in := "groupId,name,note\n" + strings.Repeat("1,a,"+strings.Repeat("x", note)+"\n", n)
	before := held()
	all := readAll(t, in, ReaderOptions{})
	if grown := int64(held()) - int64(before); grown > n*note/10 {
		t.Errorf("%d rows of short cells hold %d bytes", len(all), grown)
	}
	runtime.KeepAlive(in)
	runtime.KeepAlive(all)
}
