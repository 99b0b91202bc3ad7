package xlsx

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"
)

// Table is the content of one sheet. All cells become text cells, which spreadsheet programs show and save without changes,
// even with leading zeros, many digits or a leading "=".
type Table struct {
	// Name is the sheet's name.
	Name string
	// Hidden hides the sheet.
	Hidden bool
	// Header is the first row. It is bold, stays visible while scrolling, and has filters.
	Header []string
	// Rows returns the rows below the header. Write iterates over it twice.
	Rows iter.Seq[[]string]
}

// Write writes a workbook with these sheets. Its memory does not grow with the number of rows. For equal tables it writes
// equal bytes.
func Write(out io.Writer, tables ...Table) error {
	z := zip.NewWriter(out)
	w := &writer{zip: z}
	var sizes []size
	for _, t := range tables {
		sizes = append(sizes, measure(t))
	}
	w.part("[Content_Types].xml", func(p *bufio.Writer) { writeContentTypes(p, len(tables)) })
	w.part("_rels/.rels", func(p *bufio.Writer) {
		fmt.Fprintf(p, `<Relationships xmlns=%q>`, packageRelationships)
		fmt.Fprintf(p, `<Relationship Id="rId1" Type="%s/officeDocument" Target="xl/workbook.xml"/></Relationships>`, officeRelationships)
	})
	w.part("xl/workbook.xml", func(p *bufio.Writer) { writeWorkbook(p, tables, sizes) })
	w.part("xl/_rels/workbook.xml.rels", func(p *bufio.Writer) { writeRelationships(p, len(tables)) })
	w.part("xl/styles.xml", func(p *bufio.Writer) { p.WriteString(styles) })
	for i, t := range tables {
		w.part(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), func(p *bufio.Writer) { writeSheet(p, t, sizes[i]) })
	}
	if w.err != nil {
		return w.err
	}
	return z.Close()
}

const (
	spreadsheetNamespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	packageRelationships = "http://schemas.openxmlformats.org/package/2006/relationships"
	officeRelationships  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	xmlDeclaration       = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
)

// The indexes of cell styles in styles.xml.
const (
	textStyle   = 1
	headerStyle = 2
)

// styles is the part styles.xml. All cells have the number format 49 (text, "@"), and the header has a bold font.
const styles = `<styleSheet xmlns="` + spreadsheetNamespace + `">` +
	`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
	`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
	`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
	`<cellXfs count="3">` +
	`<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>` +
	`</cellXfs>` +
	`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>` +
	`</styleSheet>`

// writer writes the parts of a workbook. It writes nothing after an error.
type writer struct {
	zip *zip.Writer
	err error
}

func (w *writer) part(name string, content func(*bufio.Writer)) {
	if w.err != nil {
		return
	}
	var out io.Writer
	if out, w.err = w.zip.Create(name); w.err != nil {
		return
	}
	p := bufio.NewWriter(out) // Flush returns the first write error
	p.WriteString(xmlDeclaration)
	content(p)
	w.err = p.Flush()
}

func writeContentTypes(p *bufio.Writer, sheets int) {
	const prefix = "application/vnd.openxmlformats-officedocument.spreadsheetml."
	p.WriteString(`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">`)
	p.WriteString(`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`)
	p.WriteString(`<Default Extension="xml" ContentType="application/xml"/>`)
	fmt.Fprintf(p, `<Override PartName="/xl/workbook.xml" ContentType="%ssheet.main+xml"/>`, prefix)
	fmt.Fprintf(p, `<Override PartName="/xl/styles.xml" ContentType="%sstyles+xml"/>`, prefix)
	for i := range sheets {
		fmt.Fprintf(p, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="%sworksheet+xml"/>`, i+1, prefix)
	}
	p.WriteString(`</Types>`)
}

func writeWorkbook(p *bufio.Writer, tables []Table, sizes []size) {
	fmt.Fprintf(p, `<workbook xmlns=%q xmlns:r=%q><sheets>`, spreadsheetNamespace, officeRelationships)
	for i, t := range tables {
		state := ""
		if t.Hidden {
			state = ` state="hidden"`
		}
		fmt.Fprintf(p, `<sheet name="%s" sheetId="%d"%s r:id="rId%d"/>`, escape(t.Name), i+1, state, i+1)
	}
	p.WriteString(`</sheets><definedNames>`)
	for i, t := range tables {
		// Without this name, LibreOffice shows no filters.
		sheet := strings.ReplaceAll(t.Name, "'", "''")
		fmt.Fprintf(p, `<definedName name="_xlnm._FilterDatabase" localSheetId="%d" hidden="1">%s!$A$1:$%s$%d</definedName>`,
			i, escape("'"+sheet+"'"), columnName(len(t.Header)), sizes[i].rows)
	}
	p.WriteString(`</definedNames></workbook>`)
}

func writeRelationships(p *bufio.Writer, sheets int) {
	fmt.Fprintf(p, `<Relationships xmlns=%q>`, packageRelationships)
	for i := range sheets {
		fmt.Fprintf(p, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, officeRelationships, i+1)
	}
	fmt.Fprintf(p, `<Relationship Id="rId%d" Type="%s/styles" Target="styles.xml"/></Relationships>`, sheets+1, officeRelationships)
}

func writeSheet(p *bufio.Writer, t Table, s size) {
	last := fmt.Sprintf("%s%d", columnName(len(t.Header)), s.rows)
	fmt.Fprintf(p, `<worksheet xmlns=%q><dimension ref="A1:%s"/>`, spreadsheetNamespace, last)
	p.WriteString(`<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews>`)
	p.WriteString(`<cols>`)
	for i, width := range s.widths {
		// The style also applies to cells that somebody adds below the table.
		fmt.Fprintf(p, `<col min="%d" max="%d" width="%d" style="%d" customWidth="1"/>`, i+1, i+1, width, textStyle)
	}
	p.WriteString(`</cols><sheetData>`)
	writeRow(p, 1, headerStyle, t.Header)
	number := 1
	for row := range t.Rows {
		number++
		writeRow(p, number, textStyle, row)
	}
	fmt.Fprintf(p, `</sheetData><autoFilter ref="A1:%s"/>`, last)
	// Without this, Excel marks each text cell that looks like a number as an error.
	fmt.Fprintf(p, `<ignoredErrors><ignoredError sqref="A1:%s" numberStoredAsText="1"/></ignoredErrors></worksheet>`, last)
}

// size is the size of a table.
type size struct {
	widths []int // of the columns, in characters
	rows   int   // including the header
}

func measure(t Table) size {
	const padding, maxWidth = 3, 60 // the padding has room for the filter button
	s := size{widths: make([]int, len(t.Header))}
	add := func(row []string) {
		s.rows++
		for i, cell := range row[:min(len(row), len(s.widths))] {
			s.widths[i] = max(s.widths[i], min(utf8.RuneCountInString(cell)+padding, maxWidth))
		}
	}
	add(t.Header)
	for row := range t.Rows {
		add(row)
	}
	return s
}

func writeRow(p *bufio.Writer, number, style int, cells []string) {
	fmt.Fprintf(p, `<row r="%d">`, number)
	for i, cell := range cells {
		fmt.Fprintf(p, `<c r="%s%d" s="%d"`, columnName(i+1), number, style)
		if cell == "" {
			p.WriteString(`/>`)
			continue
		}
		fmt.Fprintf(p, ` t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, escape(cell))
	}
	p.WriteString(`</row>`)
}
