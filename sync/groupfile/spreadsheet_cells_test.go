package groupfile

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

const relations = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>`

// relation is a relationship of a kind, in the words of the standard's first edition.
func relation(id, kind, target string) string {
	return fmt.Sprintf(`<Relationship Id="%s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s"/>`, id, kind, target)
}

// workbookParts are those of a workbook with two sheets, of which the first has these rows.
func workbookParts(rows string) map[string]string {
	return map[string]string{
		"_rels/.rels":                fmt.Sprintf(relations, relation("r1", "officeDocument", "xl/workbook.xml")),
		"xl/_rels/workbook.xml.rels": fmt.Sprintf(relations, relation("r1", "worksheet", "worksheets/sheet1.xml")+relation("r2", "worksheet", "/xl/worksheets/sheet2.xml")+relation("r3", "sharedStrings", "sharedStrings.xml")+relation("r4", "styles", "styles.xml")+relation("r5", "chartsheet", "chartsheets/sheet1.xml")),
		"xl/workbook.xml": `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
			<sheet name="Chart" r:id="r5"/><sheet name="Groups" r:id="r1"/><sheet name="Other" r:id="r2"/></sheets></workbook>`,
		"xl/worksheets/sheet1.xml": "<worksheet><sheetData>" + rows + "</sheetData></worksheet>",
		"xl/worksheets/sheet2.xml": `<worksheet><sheetData><row><c t="inlineStr"><is><t>groupId</t></is></c><c t="inlineStr"><is><t>name</t></is></c></row><row><c><v>7</v></c><c t="str"><v>other</v></c></row></sheetData></worksheet>`,
		"xl/sharedStrings.xml": `<sst><si><t>groupId</t></si><si><t>name</t></si><si><t>externalReferenceId</t></si>
			<si><r><rPr><b/></rPr><t xml:space="preserve">rich </t></r><r><t>text</t></r><rPh sb="0" eb="1"><t>spoken</t></rPh></si>
			<si><t>line_x000D_
break, _x005F_x0041_ and _xyz_</t></si><si/></sst>`,
		"xl/styles.xml": `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="00000"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd;@"/><numFmt numFmtId="166" formatCode="[h]:mm"/><numFmt numFmtId="167" formatCode="#,##0.00\ &quot;days&quot;"/></numFmts>
			<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="167"/><xf numFmtId="14"/><xf numFmtId="3"/></cellXfs></styleSheet>`,
	}
}

const headerRow = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="str"><v>note</v></c></row>`

// zipped makes a zip of parts.
func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, parts[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// spread returns a summary of each row of a spreadsheet, or what is wrong with it.
func spread(t testing.TB, data []byte, o ReaderOptions) (rows []string, err error) {
	t.Helper()
	o.Name = "groups.xlsx"
	r, err := NewReader(t.Context(), bytes.NewReader(data), o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for row, err := range r.All() {
		if err != nil {
			return rows, err
		}
		rows = append(rows, summed(row))
	}
	return rows, nil
}

func TestSheetCells(t *testing.T) {
	for _, tt := range []struct{ name, cells, want string }{
		{"a number is a whole one, in digits", `<c r="A2"><v>9367001</v></c><c r="B2" t="s"><v>1</v></c>`, `9367001 "name" -`},
		{"an id that is a text", `<c r="A2" t="str"><v>9367001</v></c><c r="B2" t="s"><v>1</v></c>`, `9367001 "name" -`},
		{"a number as another program writes it", `<c r="A2"><v>9.367001E6</v></c><c r="B2" t="s"><v>1</v></c>`, `9367001 "name" -`},
		{"an id with a fraction", `<c r="A2"><v>12.5</v></c><c r="B2" t="s"><v>1</v></c>`, `!groupId: "12.5" is a fraction: a group id is a whole number`},
		{"thousands are only shown", `<c r="A2" s="6"><v>9367001</v></c><c r="B2" t="s"><v>1</v></c>`, `9367001 "name" -`},
		{"an id shown with leading zeros", `<c r="A2" s="1"><v>17</v></c><c r="B2" t="s"><v>1</v></c>`, `17 "name" -`},
		{"every digit of a large number", `<c r="A2"><v>1</v></c><c r="C2"><v>1.23E+11</v></c>`, `1 - "123000000000"`},
		{"the largest number whose digits are all certain", `<c r="A2"><v>1</v></c><c r="C2"><v>999999999999999</v></c>`, `1 - "999999999999999"`},
		{"a number that may have lost its last digit", `<c r="A2"><v>1</v></c><c r="C2"><v>1234567890123450</v></c>`, "!externalReferenceId: the cell holds the number 1234567890123450, which is not a whole number of at most 15 digits, so it may show something else" + asText},
		{"a number whose digits are lost", `<c r="A2"><v>1</v></c><c r="C2"><v>1.2345678901234E+19</v></c>`, "!externalReferenceId: the cell holds the number 1.2345678901234E+19, which is not a whole number of at most 15 digits, so it may show something else" + asText},
		{"a fraction in a text column", `<c r="A2"><v>1</v></c><c r="B2" s="4"><v>1.5</v></c>`, "!name: the cell holds the number 1.5, which is not a whole number of at most 15 digits, so it may show something else" + asText},
		{"a number that is shown with zeros", `<c r="A2"><v>1</v></c><c r="C2" s="1"><v>17</v></c>`, "!externalReferenceId: the cell shows 00017, but holds the number 17: format the cell as text, then type 00017 again"},
		{"a negative number that is shown with zeros", `<c r="A2"><v>1</v></c><c r="C2" s="1"><v>-7</v></c>`, "!externalReferenceId: the cell shows -00007, but holds the number -7: format the cell as text, then type -00007 again"},
		{"a zero that is shown with zeros", `<c r="A2"><v>1</v></c><c r="C2" s="1"><v>0</v></c>`, "!externalReferenceId: the cell shows 00000, but holds the number 0: format the cell as text, then type 00000 again"},
		{"a number that fills its zeros", `<c r="A2"><v>1</v></c><c r="C2" s="1"><v>12345</v></c>`, `1 - "12345"`},
		{"text in a column whose numbers are shown with zeros", `<c r="A2"><v>1</v></c><c r="C2" s="1" t="str"><v>00017</v></c>`, `1 - "00017"`},
		{"a date", `<c r="A2"><v>1</v></c><c r="B2" s="2"><v>45000</v></c>`, "!name: the cell holds the date or time 2023-03-15, and not text" + asText},
		{"a time", `<c r="A2"><v>1</v></c><c r="B2" s="3"><v>1.25</v></c>`, "!name: the cell holds the date or time 1900-01-01 06:00:00, and not text" + asText},
		{"a date in a built-in format", `<c r="A2" s="5"><v>45000</v></c><c r="B2" t="s"><v>1</v></c>`, "!groupId: the cell holds the date or time 2023-03-15, and not text" + asText},
		{"a date by its type", `<c r="A2"><v>1</v></c><c r="B2" t="d"><v>2024-01-31</v></c>`, "!name: the cell holds the date or time 2024-01-31, and not text" + asText},
		{"a logical value", `<c r="A2"><v>1</v></c><c r="B2" t="b"><v>1</v></c>`, "!name: the cell holds the logical value TRUE, and not text" + asText},
		{"an id that is a logical value", `<c r="A2" t="b"><v>1</v></c><c r="B2" t="s"><v>1</v></c>`, "!groupId: the cell holds the logical value TRUE, and not text" + asText},
		{"an error", `<c r="A2"><v>1</v></c><c r="B2" t="e"><f>A9</f><v>#N/A</v></c>`, `!name: the cell shows the error "#N/A": fix its formula`},
		{"an error in a column that is not read", `<c r="A2"><v>1</v></c><c r="B2" t="s"><v>1</v></c><c r="D2" t="e"><v>#REF!</v></c>`, `1 "name" -`},
		{"a cell without a header", `<c r="A2"><v>1</v></c><c r="B2" t="s"><v>1</v></c><c r="E2" t="str"><v>x</v></c>`, "!the row has 5 cells and the header has 4: remove the cells outside the table"},
		{"the value of a formula", `<c r="A2"><f>A1+1</f><v>2</v></c><c r="B2" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>`, `2 "ab" -`},
		{"a formula without a value", `<c r="A2"><v>1</v></c><c r="B2"><f>A9</f></c>`, "!name: the cell holds a formula without a value: open the file in a spreadsheet program, and save it there"},
		{"a formula that gives an empty text", `<c r="A2"><v>1</v></c><c r="B2" t="str"><f>""</f><v></v></c><c r="C2" t="s"><v>2</v></c>`, `1 - "externalReferenceId"`},
		{"runs of one text, without phonetic text", `<c r="A2"><v>1</v></c><c r="B2" t="s"><v>3</v></c>`, `1 "rich text" -`},
		{"a text in the cell itself", `<c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><r><t>in</t></r><r><t>line &amp; "quoted"</t></r></is></c>`, `1 "in` + `line \u0026 \"quoted\"" -`},
		{"an empty text", `<c r="A2"><v>1</v></c><c r="B2" t="s"><v>5</v></c><c r="C2" t="str"><v>x</v></c>`, `1 - "x"`},
		{"a line break in a column that is read", `<c r="A2"><v>1</v></c><c r="B2" t="s"><v>4</v></c>`, "!name: it contains a line break: put the text on one line"},
		{"cells without a reference", `<c><v>1</v></c><c/><c t="str"><v>x</v></c>`, `1 - "x"`},
		{"a prefix before the names of elements", `<x:c xmlns:x="x" r="A2"><x:v>1</x:v></x:c><x:c xmlns:x="x" r="B2" t="str"><x:v>a</x:v></x:c>`, `1 "a" -`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := spread(t, zipped(t, workbookParts(headerRow+`<row r="2">`+tt.cells+"</row>")), ReaderOptions{})
			if want := []string{"2 " + tt.want}; err != nil || !cmp.Equal(got, want) {
				t.Errorf("got %q, %v\nwant %q", got, err, want)
			}
		})
	}
}

// A row keeps its number, whatever is above it.
func TestSheetRows(t *testing.T) {
	rows := `<row r="3"/>` + strings.ReplaceAll(headerRow, `1"`, `4"`) +
		`<row r="5" hidden="true"><c r="A5"><v>1</v></c><c r="B5" t="str"><v>hidden</v></c></row>` +
		`<row r="6"><c r="A6" t="str"><v> </v></c><c r="D6" s="2"/></row>` +
		`<row r="10"><c r="A10"><v>2</v></c><c r="B10" t="str"><v>last</v></c></row><row><c><v>3</v></c><c t="str"><v>next</v></c></row>`
	parts := workbookParts(rows)
	parts["xl/worksheets/sheet1.xml"] = strings.ReplaceAll(parts["xl/worksheets/sheet1.xml"], "</sheetData>", `</sheetData><controls><anchor><row>4</row></anchor></controls>`)
	data := zipped(t, parts)
	r, err := NewReader(t.Context(), bytes.NewReader(data), ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for row, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, summed(row))
	}
	want := []string{`5 1 "hidden" -`, `10 2 "last" -`, `11 3 "next" -`}
	if !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if r.BlankRows() != 7 { // 1 to 3, 6 to 9
		t.Errorf("%d rows were skipped", r.BlankRows())
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// What excelize writes is read as excelize reads it, wherever the text of a cell is stored.
func TestSheetAsExcelize(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	rows := [][]any{
		{"groupId", "name", "externalReferenceId", "note"},
		{9367001, "Großhändler", "00017", "two\nlines"},
		{2147483647, `"quoted", 'single'`, "  outer  ", 1.5},
		{1, "_x0041_ is not A", "批发 😀", true},
	}
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.NewSheet("Streamed"); err != nil {
		t.Fatal(err)
	}
	w, err := f.NewStreamWriter("Streamed")
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "groups.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	for _, name := range f.GetSheetList() {
		want, err := f.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range want[1:] {
			row[3] = "" // not read
		}
		in, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(t.Context(), in, ReaderOptions{Sheet: name, File: in})
		if err != nil {
			t.Fatal(err)
		}
		got := want[:1]
		for row, err := range r.All() {
			if err != nil || row.Err != nil {
				t.Error(err, row.Err)
			}
			got = append(got, []string{row.GroupID, row.Name, row.ExternalReferenceID, ""})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-excelize +groupsync):\n%s", name, diff)
		}
		if err := errors.Join(r.Close(), in.Close()); err != nil {
			t.Error(err)
		}
	}
}

// A row with a cell that cannot be sent keeps its other cells, and what that cell shows.
func TestSheetEcho(t *testing.T) {
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
		data := zipped(t, workbookParts(headerRow+`<row r="2">`+tt.cells+"</row>"))
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
