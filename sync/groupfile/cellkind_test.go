package groupfile

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCellKinds(t *testing.T) {
	for _, tt := range []struct{ name, cells, want string }{
		{"a whole number", `<c r="A2"><v>9367001</v></c><c r="B2" t="s"><v>1</v></c>`, `9367001 "name" -`},
		{"an id in a text cell", `<c r="A2" t="str"><v>9367001</v></c><c r="B2" t="s"><v>1</v></c>`, `9367001 "name" -`},
		{"a whole number in scientific notation", `<c r="A2"><v>9.367001E6</v></c><c r="B2" t="s"><v>1</v></c>`, `9367001 "name" -`},
		{"an id with a fraction", `<c r="A2"><v>12.5</v></c><c r="B2" t="s"><v>1</v></c>`, `!groupId: "12.5" is a fraction: a group id is a whole number`},
		{"an id shown with thousands separators", `<c r="A2" s="6"><v>9367001</v></c><c r="B2" t="s"><v>1</v></c>`, `9367001 "name" -`},
		{"an id shown with leading zeros", `<c r="A2" s="1"><v>17</v></c><c r="B2" t="s"><v>1</v></c>`, `17 "name" -`},
		{"all digits of a large number", `<c r="A2"><v>1</v></c><c r="C2"><v>1.23E+11</v></c>`, `1 - "123000000000"`},
		{"the largest number with certain digits", `<c r="A2"><v>1</v></c><c r="C2"><v>999999999999999</v></c>`, `1 - "999999999999999"`},
		{"a number that may have lost its last digit", `<c r="A2"><v>1</v></c><c r="C2"><v>1234567890123450</v></c>`, `!externalReferenceId: the cell holds the number "1234567890123450" and may show something else, because it is not a whole number of at most 15 digits` + asText},
		{"a number whose digits are lost", `<c r="A2"><v>1</v></c><c r="C2"><v>1.2345678901234E+19</v></c>`, `!externalReferenceId: the cell holds the number "1.2345678901234E+19" and may show something else, because it is not a whole number of at most 15 digits` + asText},
		{"a fraction in a text column", `<c r="A2"><v>1</v></c><c r="B2" s="4"><v>1.5</v></c>`, `!name: the cell holds the number "1.5" and may show something else, because it is not a whole number of at most 15 digits` + asText},
		{"a number shown with leading zeros", `<c r="A2"><v>1</v></c><c r="C2" s="1"><v>17</v></c>`, "!externalReferenceId: the cell shows 00017, but holds the number 17: format the cell as text, then type 00017 again"},
		{"a negative number shown with leading zeros", `<c r="A2"><v>1</v></c><c r="C2" s="1"><v>-7</v></c>`, "!externalReferenceId: the cell shows -00007, but holds the number -7: format the cell as text, then type -00007 again"},
		{"a zero shown with leading zeros", `<c r="A2"><v>1</v></c><c r="C2" s="1"><v>0</v></c>`, "!externalReferenceId: the cell shows 00000, but holds the number 0: format the cell as text, then type 00000 again"},
		{"a number with as many digits as its format has zeros", `<c r="A2"><v>1</v></c><c r="C2" s="1"><v>12345</v></c>`, `1 - "12345"`},
		{"text in a column with leading zeros", `<c r="A2"><v>1</v></c><c r="C2" s="1" t="str"><v>00017</v></c>`, `1 - "00017"`},
		{"a date", `<c r="A2"><v>1</v></c><c r="B2" s="2"><v>45000</v></c>`, `!name: the cell holds the date or time "2023-03-15", not text` + asText},
		{"a time", `<c r="A2"><v>1</v></c><c r="B2" s="3"><v>1.25</v></c>`, `!name: the cell holds the date or time "1900-01-01 06:00:00", not text` + asText},
		{"a date in a built-in format", `<c r="A2" s="5"><v>45000</v></c><c r="B2" t="s"><v>1</v></c>`, `!groupId: the cell holds the date or time "2023-03-15", not text` + asText},
		{"a date by its type", `<c r="A2"><v>1</v></c><c r="B2" t="d"><v>2024-01-31</v></c>`, `!name: the cell holds the date or time "2024-01-31", not text` + asText},
		{"a logical value", `<c r="A2"><v>1</v></c><c r="B2" t="b"><v>1</v></c>`, "!name: the cell holds the logical value TRUE, not text" + asText},
		{"a logical value as id", `<c r="A2" t="b"><v>1</v></c><c r="B2" t="s"><v>1</v></c>`, "!groupId: the cell holds the logical value TRUE, not text" + asText},
		{"an error", `<c r="A2"><v>1</v></c><c r="B2" t="e"><f>A9</f><v>#N/A</v></c>`, `!name: the cell shows the error "#N/A": fix its formula`},
		{"an error in a column that is not read", `<c r="A2"><v>1</v></c><c r="B2" t="s"><v>1</v></c><c r="D2" t="e"><v>#REF!</v></c>`, `1 "name" -`},
		{"a cell without a header", `<c r="A2"><v>1</v></c><c r="B2" t="s"><v>1</v></c><c r="E2" t="str"><v>x</v></c>`, "!the row has 5 cells and the header has 4: remove the cells outside the table"},
		{"the value of a formula", `<c r="A2"><f>A1+1</f><v>2</v></c><c r="B2" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>`, `2 "ab" -`},
		{"a formula without a value", `<c r="A2"><v>1</v></c><c r="B2"><f>A9</f></c>`, "!name: the cell holds a formula without a value: open the file in a spreadsheet program and save it"},
		{"a formula whose value is an empty string", `<c r="A2"><v>1</v></c><c r="B2" t="str"><f>""</f><v></v></c><c r="C2" t="s"><v>2</v></c>`, `1 - "externalReferenceId"`},
		{"a string of several runs, without its phonetic text", `<c r="A2"><v>1</v></c><c r="B2" t="s"><v>3</v></c>`, `1 "rich text" -`},
		{"an inline string", `<c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><r><t>in</t></r><r><t>line &amp; "quoted"</t></r></is></c>`, `1 "in` + `line \u0026 \"quoted\"" -`},
		{"an empty string", `<c r="A2"><v>1</v></c><c r="B2" t="s"><v>5</v></c><c r="C2" t="str"><v>x</v></c>`, `1 - "x"`},
		{"a line break in a column that is read", `<c r="A2"><v>1</v></c><c r="B2" t="s"><v>4</v></c>`, "!name: it contains a line break: put the text on one line"},
		{"cells without a reference", `<c><v>1</v></c><c/><c t="str"><v>x</v></c>`, `1 - "x"`},
		{"a prefix before the names of elements", `<x:c xmlns:x="x" r="A2"><x:v>1</x:v></x:c><x:c xmlns:x="x" r="B2" t="str"><x:v>a</x:v></x:c>`, `1 "a" -`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := summarizeWorkbook(t, zipParts(t, workbookParts(headerRow+`<row r="2">`+tt.cells+"</row>")), ReaderOptions{})
			if want := []string{"2 " + tt.want}; err != nil || !cmp.Equal(got, want) {
				t.Errorf("got %q, %v\nwant %q", got, err, want)
			}
		})
	}
}

// A row with a cell that cannot be sent keeps all its cells, with the values that they show.
func TestInvalidRowKeepsCells(t *testing.T) {
	for _, tt := range []struct {
		cells string
		want  Cells
	}{
		{`<c r="A2"><v>17</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" s="1"><v>7</v></c>`, Cells{"17", "name", "00007"}},
		{`<c r="A2"><v>17</v></c><c r="B2" s="2"><v>45000.5</v></c><c r="C2" t="s"><v>2</v></c>`, Cells{"17", "2023-03-15 12:00:00", "externalReferenceId"}},
		{`<c r="A2" t="b"><v>1</v></c><c r="B2" t="s"><v>1</v></c><c r="C2"><v>1.5</v></c>`, Cells{"TRUE", "name", "1.5"}},
		{`<c r="A2" t="e"><v>#N/A</v></c><c r="B2" t="s"><v>1</v></c>`, Cells{"#N/A", "name", ""}},
		{`<c r="A2"><v>17</v></c><c r="B2" t="s"><v>1</v></c><c r="E2" t="s"><v>2</v></c>`, Cells{"17", "name", ""}},
	} {
		data := zipParts(t, workbookParts(headerRow+`<row r="2">`+tt.cells+"</row>"))
		r, err := NewReader(t.Context(), bytes.NewReader(data), ReaderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		row, err := r.Next()
		if err != nil || row.Err == nil || row.Cells != tt.want {
			t.Errorf("got %q, %v, %v; want %q and an error", row.Cells, row.Err, err, tt.want)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
