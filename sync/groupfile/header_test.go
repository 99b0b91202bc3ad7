package groupfile

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestFindHeader(t *testing.T) {
	const rows = "groupId;name\n1;a\n"
	for _, tt := range []struct {
		name, in string
		options  ReaderOptions
		line     int // of the header
		above    int
		want     []string
	}{
		{name: "on the first line", in: rows, line: 1, want: []string{`2 1 "a" -`}},
		{name: "below a title", in: "Customer groups\n\n" + rows, line: 3, above: 1, want: []string{`4 1 "a" -`}},
		// Other delimiters, quotes and numbers above the header do not matter.
		{name: "below notes", in: "Groups, as of 2026-11-23, by Eva\n5\" pipe|x\n1,2,3,4\n" + rows, line: 4, above: 3, want: []string{`5 1 "a" -`}},
		{name: "below a note of two lines", in: "\"one\ntwo\"\n" + rows, line: 3, above: 1, want: []string{`4 1 "a" -`}},
		{name: "below a row that cannot be read", in: "a \"b\n\"x\" y\n" + rows, line: 3, above: 2, want: []string{`4 1 "a" -`}},
		{name: "below another table", in: "name;note\nx;y\n" + rows, line: 3, above: 2, want: []string{`4 1 "a" -`}},
		{name: "below blank rows", in: strings.Repeat("\n", 30) + ";;\n" + rows, line: 32, want: []string{`33 1 "a" -`}},
		{name: "as the 20th row", in: strings.Repeat("note\n", 19) + rows, line: 20, above: 19, want: []string{`21 1 "a" -`}},
		{name: "below sep=", in: "sep=;\ntitle\n" + rows, line: 3, above: 1, want: []string{`4 1 "a" -`}},
		{name: "by the names in the options", in: "title,x\nNo.,Text\n1,a\n", options: ReaderOptions{Columns: map[string]string{"groupId": "No.", "name": "Text"}}, line: 2, above: 1, want: []string{`3 1 "a" -`}},
		{name: "with the delimiter in the options", in: "title,x\ngroupId|name\n1|a\n", options: ReaderOptions{Delimiter: "|"}, line: 2, above: 1, want: []string{`3 1 "a" -`}},
		// The first row with the columns is the header, unless the options name another row.
		{name: "twice", in: rows + rows, line: 1, want: []string{`2 1 "a" -`, `3 !groupId: "groupId" is not a number: a group id consists of digits only`, `4 1 "a" -`}},
		{name: "the second of two", in: rows + rows, options: ReaderOptions{HeaderRow: 3}, line: 3, above: 2, want: []string{`4 1 "a" -`}},
		{name: "beyond the 20th row", in: strings.Repeat("note, x\n", 40) + rows, options: ReaderOptions{HeaderRow: 41}, line: 41, above: 40, want: []string{`42 1 "a" -`}},
		{name: "carriage returns alone", in: "title\rgroupId;name\r1;a\r", line: 2, above: 1, want: []string{`3 1 "a" -`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// A pipe may send its data byte by byte: the search then sees each beginning of the input.
			r, err := NewReader(t.Context(), iotest.OneByteReader(strings.NewReader(tt.in)), tt.options)
			if err != nil {
				t.Fatal(err)
			}
			got := summaries(t, r)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if r.HeaderLine() != tt.line || r.RowsAbove() != tt.above {
				t.Errorf("the header is on line %d below %d rows, want %d and %d", r.HeaderLine(), r.RowsAbove(), tt.line, tt.above)
			}
		})
	}
}

func TestFindHeaderErrors(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		options        ReaderOptions
	}{
		{
			name: "the row most like a header", in: "Customer groups\nKd-Nr;Name;x\n1;a;2\n",
			want: `groups.csv: line 2: there is no column groupId: of the first 3 rows, this one is most like a header: "Kd-Nr", "Name", "x"`,
		},
		{
			name: "words are more like a header than numbers", in: "Groups\n1;2\nNo.;Text\n1;a\n",
			want: `groups.csv: line 3: there is no column groupId, and no column name or externalReferenceId: of the first 4 rows, this one is most like a header: "No.", "Text"`,
		},
		{
			name: "no more than 20 rows", in: strings.Repeat("1;a\n", 20) + "groupId;name\n",
			want: `groups.csv: line 1: there is no column groupId, and no column name or externalReferenceId: the columns are "1", "a"`,
		},
		{
			name: "several columns with the same name end the search", in: "title\ngroupId;groupId;name\ngroupId;name\n",
			want: `groups.csv: line 2: several columns match groupId: "groupId", "groupId"`,
		},
		{
			name: "a column in the options that the header does not have", in: "title\ngroupId;name\n", options: ReaderOptions{Columns: map[string]string{"name": "Text"}},
			want: `groups.csv: line 2: there is no column "Text" to use as name: the columns are "groupId", "name"`,
		},
		{
			name: "one column for two names", in: "groupId;name\n", options: ReaderOptions{Columns: map[string]string{"name": "name", "externalReferenceId": "name"}},
			want: `groups.csv: line 1: the column "name" cannot be both name and externalReferenceId`,
		},
		{
			name: "the row in the options is not a header", in: "groupId;name\n1;a\n", options: ReaderOptions{HeaderRow: 2},
			want: `groups.csv: line 2: there is no column groupId, and no column name or externalReferenceId: the columns are "1", "a"`,
		},
		{
			name: "the row in the options is blank", in: "groupId;name\n\n1;a\n", options: ReaderOptions{HeaderRow: 2},
			want: "groups.csv: the header should be on line 2, but that line is blank, or no row begins there",
		},
		{
			name: "the row in the options is after the end", in: "groupId;name\n1;a\n", options: ReaderOptions{HeaderRow: 5},
			want: "groups.csv: the header should be on line 5, but the input ends before it",
		},
		{
			name: "a header that cannot be read", in: "title\ngroupId,\"na\n", // the rest is one row
			want: "groups.csv: line 2: the header cannot be read: a quote is opened but not closed",
		},
		{
			name: "a header in another encoding", in: "title\ngroupId;n\xe4me\n",
			want: `groups.csv: line 2: cell 2: the byte E4 is not UTF-8; in windows-1252 the cell is "näme"`,
		},
		{
			name: "two possible delimiters", in: "a,b;c\n1,2;3\n",
			want: "groups.csv: the cells could be separated by , or ;",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.options.Name = "groups.csv"
			_, err := NewReader(t.Context(), strings.NewReader(tt.in), tt.options)
			if _, ok := errors.AsType[*InputError](err); !ok || err.Error() != tt.want {
				t.Errorf("got\n%v, want\n%s", err, tt.want)
			}
		})
	}
}

// The reader of a pipe does not wait for data after the header.
func TestFindHeaderReadsNoFurther(t *testing.T) {
	errBeyond := errors.New("read beyond the header")
	in := io.MultiReader(strings.NewReader("title\n"), strings.NewReader("groupId;name\n"), iotest.ErrReader(errBeyond))
	r, err := NewReader(t.Context(), in, ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); !errors.Is(err, errBeyond) {
		t.Errorf("got %v", err)
	}
}

func TestFindHeaderOfWorkbook(t *testing.T) {
	rows := `<row r="2"><c r="A2" t="str"><v>Customer groups</v></c></row><row r="4"><c r="C4" t="str"><v>a note</v></c></row>` +
		strings.ReplaceAll(headerRow, `1"`, `6"`) +
		`<row r="7"><c r="A7"><v>1</v></c><c r="B7" t="str"><v>a</v></c></row><row r="8"><c r="A8" t="str"><v>Total</v></c><c r="B8"><v>1</v></c></row>`
	got, err := summarizeWorkbook(t, zipParts(t, workbookParts(rows)), ReaderOptions{})
	want := []string{`7 1 "a" -`, `8 !groupId: "Total" is not a number: a group id consists of digits only`}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}
