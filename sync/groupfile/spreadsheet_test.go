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

// relation returns a relationship, with the type prefix of the standard's first edition.
func relation(id, kind, target string) string {
	return fmt.Sprintf(`<Relationship Id="%s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s"/>`, id, kind, target)
}

// workbookParts returns the parts of a workbook with two sheets, the first with these rows.
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

// zipParts returns a zip archive of these parts.
func zipParts(t testing.TB, parts map[string]string) []byte {
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

// summarizeWorkbook returns a summary of each row of a workbook.
func summarizeWorkbook(t testing.TB, data []byte, o ReaderOptions) (rows []string, err error) {
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
		rows = append(rows, summarize(row))
	}
	return rows, nil
}

// The line of a row is its number in the sheet, even after blank rows.
func TestSheetRows(t *testing.T) {
	rows := `<row r="3"/>` + strings.ReplaceAll(headerRow, `1"`, `4"`) +
		`<row r="5" hidden="true"><c r="A5"><v>1</v></c><c r="B5" t="str"><v>hidden</v></c></row>` +
		`<row r="6"><c r="A6" t="str"><v> </v></c><c r="D6" s="2"/></row>` +
		`<row r="10"><c r="A10"><v>2</v></c><c r="B10" t="str"><v>last</v></c></row><row><c><v>3</v></c><c t="str"><v>next</v></c></row>`
	parts := workbookParts(rows)
	parts["xl/worksheets/sheet1.xml"] = strings.ReplaceAll(parts["xl/worksheets/sheet1.xml"], "</sheetData>", `</sheetData><controls><anchor><row>4</row></anchor></controls>`)
	data := zipParts(t, parts)
	r, err := NewReader(t.Context(), bytes.NewReader(data), ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := summaries(t, r)
	want := []string{`5 1 "hidden" -`, `10 2 "last" -`, `11 3 "next" -`}
	if !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if r.BlankRows() != 7 { // 1 to 3, 6 to 9
		t.Errorf("got %d blank rows, want 7", r.BlankRows())
	}
	if got, want := r.Format(), (Format{Encoding: "xlsx", Delimiter: ','}); got != want {
		t.Errorf("the format is %+v, want %+v", got, want)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// Workbooks of excelize are read as excelize reads them, with shared and with inline strings.
func TestExcelizeWorkbook(t *testing.T) {
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

func TestWorkbookSheets(t *testing.T) {
	hidden := workbookParts(headerRow)
	hidden["xl/workbook.xml"] = strings.ReplaceAll(hidden["xl/workbook.xml"], `name="Groups"`, `name="Groups" state="hidden"`)
	strict := workbookParts("")
	for name, part := range strict {
		strict[name] = strings.ReplaceAll(part, "http://schemas.openxmlformats.org/officeDocument/2006", "http://purl.oclc.org/ooxml/officeDocument")
	}
	renamed := maps.Clone(hidden) // as Microsoft's web apps write it
	renamed["xl/workbook22.xml"], renamed["xl/_rels/workbook22.xml.rels"] = renamed["xl/workbook.xml"], renamed["xl/_rels/workbook.xml.rels"]
	renamed["_rels/.rels"] = strings.ReplaceAll(renamed["_rels/.rels"], "xl/workbook.xml", "/xl/workbook22.xml")
	delete(renamed, "xl/workbook.xml")
	numbered := maps.Clone(hidden)
	numbered["xl/workbook.xml"] = strings.ReplaceAll(numbered["xl/workbook.xml"], `name="Other"`, `name="1"`)
	backslashes := map[string]string{}
	for name, part := range hidden {
		backslashes[strings.ReplaceAll(name, "/", `\`)] = part
	}
	other := []string{`2 7 "other" -`}
	for _, tt := range []struct {
		name  string
		parts map[string]string
		sheet string
		want  []string
		err   string
	}{
		{"by its name", workbookParts(headerRow), "Other", other, ""},
		{"the case of a name does not matter", workbookParts(headerRow), "oTHER", other, ""},
		{"by its number, without counting charts", workbookParts(headerRow), "2", other, ""},
		{"a name has precedence over a number", numbered, "1", other, ""},
		{"the first visible one", hidden, "", other, ""},
		{"a hidden one by its name", hidden, "Groups", nil, ""},
		{"the other edition of the standard", strict, "Other", other, ""},
		{"another path of the workbook", renamed, "", other, ""},
		{"paths with backslashes", backslashes, "", other, ""},
		{"no such name", workbookParts(""), "Gruppen", nil, `groups.xlsx: there is no sheet "Gruppen": the sheets are "Groups", "Other"`},
		{"no such number", workbookParts(""), "3", nil, `there is no sheet "3": the sheets are "Groups", "Other"`},
		{"a chart has no cells", workbookParts(""), "Chart", nil, `there is no sheet "Chart"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := summarizeWorkbook(t, zipParts(t, tt.parts), ReaderOptions{Sheet: tt.sheet})
			if !cmp.Equal(got, tt.want) || !matches(err, tt.err) {
				t.Errorf("got %q, %v; want %q, %q", got, err, tt.want, tt.err)
			}
		})
	}
}

// matches reports whether the message of an error contains want, or for an empty want, whether there is no error.
func matches(err error, want string) bool {
	if want == "" || err == nil {
		return want == "" && err == nil
	}
	return strings.Contains(err.Error(), want)
}

func TestSheetOptionForCSV(t *testing.T) {
	_, err := NewReader(t.Context(), strings.NewReader("groupId,name\n"), ReaderOptions{Name: "groups.csv", Sheet: "A"})
	if !matches(err, `groups.csv: this is not a spreadsheet (xlsx), so it has no sheet "A"`) {
		t.Error(err)
	}
}

// A row that is too long does not affect the rows after it.
func TestSheetLongRow(t *testing.T) {
	var long strings.Builder
	for i := range 50 {
		fmt.Fprintf(&long, `<c t="str"><v>%d%s</v></c>`, i, strings.Repeat("x", 32000))
	}
	rows := headerRow + "<row>" + long.String() + `</row><row><c><v>1</v></c><c t="str"><v>a</v></c></row>`
	got, err := summarizeWorkbook(t, zipParts(t, workbookParts(rows)), ReaderOptions{})
	if want := []string{"2 !the row is longer than 1048576 bytes: shorten its cells", `3 1 "a" -`}; err != nil || !cmp.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// Any XML in a sheet gives rows with ascending lines, some of them invalid, or an error.
func FuzzSheet(f *testing.F) {
	for _, rows := range []string{
		headerRow,
		headerRow + `<row r="2"><c r="A2" s="1"><v>1</v></c><c t="inlineStr"><is><t>a</t></is></c><c t="s"><v>3</v></c></row>`,
		headerRow + `<row r="9"><c r="XFD9" t="str"><f>A1</f><v>_x000D_</v></c></row>`,
	} {
		f.Add([]byte(rows))
	}
	f.Fuzz(func(t *testing.T, rows []byte) {
		r, err := NewReader(t.Context(), bytes.NewReader(zipParts(t, workbookParts(string(rows)))), ReaderOptions{})
		if err != nil {
			return
		}
		defer r.Close()
		last := 0
		for row, err := range r.All() {
			if err != nil {
				return
			}
			if row.Line <= last {
				t.Errorf("row %d follows row %d", row.Line, last)
			}
			last = row.Line
		}
	})
}
