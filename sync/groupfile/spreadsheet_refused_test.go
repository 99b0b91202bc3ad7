package groupfile

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"groupsync/sync/groupfile/internal/xlsx"
	"groupsync/sync/internal/csvrecord"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func TestRefusedFiles(t *testing.T) {
	without := func(name string) []byte {
		parts := workbookParts(headerRow)
		delete(parts, name)
		return zipParts(t, parts)
	}
	with := func(name, part string) []byte {
		parts := workbookParts(headerRow)
		parts[name] = part
		return zipParts(t, parts)
	}
	whole := zipParts(t, workbookParts(headerRow))
	flipped := bytes.Clone(whole)
	flipped[bytes.Index(flipped, []byte("xl/sharedStrings.xml"))+len("xl/sharedStrings.xml")+20] ^= 0x55
	for _, tt := range []struct {
		name, want string
		data       []byte
	}{
		{"cut off", "the spreadsheet is damaged or incomplete (zip: not a valid zip file)", whole[:len(whole)-100]},
		{"a flipped bit", "the spreadsheet is damaged or incomplete", flipped},
		{"an old xls", "this is an old Excel file (xls): save it as xlsx", compoundFile("Workbook")},
		{"encrypted", "this spreadsheet is encrypted with a password: save it without one", compoundFile("EncryptedPackage")},
		{"encrypted by excelize", "this spreadsheet is encrypted with a password: save it without one", encryptedWorkbook(t)},
		{"a web page with the extension xls", "this is a web page, not a spreadsheet: open it", []byte("\ufeff\r\n <HTML><body><table>")},
		{"a table element", "this is a web page", []byte("<table border=1>\n<tr><td>groupId</td></tr>")},
		{"Excel's XML of 2003", "this is XML, not a spreadsheet: open it", []byte("<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>")},
		{"a PDF", "this is a PDF file", []byte("%PDF-1.7\n")},
		{"an RTF document", "this is a text document", []byte(`{\rtf1\ansi`)},
		{"gzip", "this file is compressed with gzip: decompress it first", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00")},
		{"only the beginning of an xls", "this is an old Excel file", []byte(xlsx.OLEMagic)},
		{"an ods", "this is a file from LibreOffice or OpenOffice (ods): save it as xlsx", zipParts(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"})},
		{"a file from another program", `this is a file from another program ("application/epub+zip")`, zipParts(t, map[string]string{"mimetype": "application/epub+zip"})},
		{"Numbers", "this is a Numbers document: export it as CSV or as Excel (xlsx)", zipParts(t, map[string]string{"Index/Document.iwa": ""})},
		{"a binary workbook", "this is a binary Excel workbook (xlsb): save it as xlsx", zipParts(t, map[string]string{"xl/workbook.bin": ""})},
		{"a text document", "this is a text document or a presentation", zipParts(t, map[string]string{"word/document.xml": "<a/>"})},
		{"a zip of a CSV file", "this is a zip archive without a spreadsheet: unpack it", zipParts(t, map[string]string{"groups.csv": "groupId,name\n"})},
		{"no sheet with cells", "the spreadsheet has no sheet with cells", with("xl/workbook.xml", "<workbook/>")},
		{"no relationships", "there is no part xl/_rels/workbook.xml.rels", without("xl/_rels/workbook.xml.rels")},
		{"no shared strings", "there is no part xl/sharedstrings.xml", without("xl/sharedStrings.xml")},
		{"no sheet", "there is no part xl/worksheets/sheet1.xml", without("xl/worksheets/sheet1.xml")},
		{"an empty sheet", "groups.xlsx: the file is empty", with("xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>")},
		{"a sheet that ends early", "xl/worksheets/sheet1.xml: XML syntax error", with("xl/worksheets/sheet1.xml", "<worksheet><sheetData>"+headerRow)},
		{"a shared string that does not exist", "a cell refers to the shared string 9, but there are only 6", with("xl/worksheets/sheet1.xml", `<worksheet><row><c t="s"><v>9</v></c></row></worksheet>`)},
		{"the number of a shared string is not a number", `row 1 refers to the shared string "x"`, with("xl/worksheets/sheet1.xml", `<worksheet><row><c t="s"><v>x</v></c></row></worksheet>`)},
		{"rows out of order", `row "1" comes after row 2`, with("xl/worksheets/sheet1.xml", `<worksheet><row r="2"/><row r="1"/></worksheet>`)},
		{"a cell after the last column", `row 1 has a cell with the invalid reference "XFE1"`, with("xl/worksheets/sheet1.xml", `<worksheet><row><c r="XFE1"><v>1</v></c></row></worksheet>`)},
		{"a cell with an invalid reference", `row 1 has a cell with the invalid reference "1A"`, with("xl/worksheets/sheet1.xml", `<worksheet><row><c r="1A"><v>1</v></c></row></worksheet>`)},
		{"a string without end", "it contains a string that is too long for a cell", with("xl/worksheets/sheet1.xml", "<worksheet><row><c><v>"+strings.Repeat("1", 3*csvrecord.MaxSize))},
		{"a shared string without end", "it contains a string that is too long for a cell", with("xl/sharedStrings.xml", "<sst><si>"+strings.Repeat("<t>"+strings.Repeat("1", 1<<19)+"</t>", 5)+"</si></sst>")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := summarizeWorkbook(t, tt.data, ReaderOptions{})
			if rows != nil || !matches(err, tt.want) {
				t.Errorf("got %q, %v; want %q", rows, err, tt.want)
			}
		})
	}
}

// encryptedWorkbook returns a workbook with a password.
func encryptedWorkbook(t testing.TB) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	var b bytes.Buffer
	if err := f.Write(&b, excelize.Options{Password: "secret"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A part with a declared size above the limit is not unpacked. A part that unpacks to more than its declared size is
// damaged.
func TestUnpackedSize(t *testing.T) {
	rows := workbookParts(headerRow)["xl/worksheets/sheet1.xml"]
	for size, want := range map[uint64]string{
		1<<30 + 1:             "the spreadsheet is too large: it unpacks to more than 1024 MiB",
		1 << 63:               "the spreadsheet is too large: it unpacks to more than 1024 MiB",
		uint64(len(rows)) - 9: "the spreadsheet is damaged or incomplete",
	} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, part := range workbookParts(headerRow) {
			header := &zip.FileHeader{Name: name, CRC32: crc32.ChecksumIEEE([]byte(part)), CompressedSize64: uint64(len(part)), UncompressedSize64: uint64(len(part))}
			if name == "xl/worksheets/sheet1.xml" {
				header.UncompressedSize64 = size
			}
			w, err := z.CreateRaw(header)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, part); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := summarizeWorkbook(t, b.Bytes(), ReaderOptions{}); !matches(err, want) {
			t.Errorf("%d: %v", size, err)
		}
	}
}

// A decoder keeps each open element in memory, and a file of 55 KiB can have 8 million of them.
func TestNestedElements(t *testing.T) {
	for name, root := range map[string]string{
		"_rels/.rels":                "Relationships",
		"xl/_rels/workbook.xml.rels": "Relationships",
		"xl/workbook.xml":            "workbook",
		"xl/styles.xml":              "styleSheet",
		"xl/sharedStrings.xml":       "sst",
		"xl/worksheets/sheet1.xml":   "worksheet",
	} {
		t.Run(name, func(t *testing.T) {
			parts := workbookParts(headerRow)
			root = "<" + root + ">"
			if !strings.Contains(parts[name], root) {
				root = parts[name][:strings.Index(parts[name], ">")+1]
			}
			parts[name] = strings.Replace(parts[name], root, root+strings.Repeat("<a>", 1<<20)+strings.Repeat("</a>", 1<<20), 1)
			data := zipParts(t, parts)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := summarizeWorkbook(t, data, ReaderOptions{})
			runtime.ReadMemStats(&after)
			if !matches(err, "the spreadsheet is damaged or incomplete ("+strings.ToLower(name)+": its elements are nested more than 100 levels deep)") {
				t.Error(err)
			}
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 8<<20 {
				t.Errorf("%d bytes were allocated", allocated)
			}
		})
	}
}

// compoundFile returns an OLE 2 compound file with one stream.
func compoundFile(stream string) []byte {
	file := make([]byte, 4*512)
	copy(file, xlsx.OLEMagic)
	binary.LittleEndian.PutUint16(file[30:], 9) // sectors of 512 bytes
	binary.LittleEndian.PutUint32(file[48:], 2) // the directory is in the third one
	for i, c := range utf16.Encode([]rune(stream)) {
		binary.LittleEndian.PutUint16(file[3*512+2*i:], c)
	}
	return file
}

// workbookWithStrings returns the parts of a workbook whose shared strings have this size in bytes.
func workbookWithStrings(size int) map[string]string {
	parts := workbookParts(headerRow + `<row><c><v>1</v></c><c t="s"><v>3</v></c></row><row><c><v>2</v></c><c t="s"><v>4</v></c></row>`)
	var b strings.Builder
	b.WriteString("<sst><si><t>groupId</t></si><si><t>name</t></si><si><t>externalReferenceId</t></si><si><t>first</t></si><si><t>second</t></si>")
	for range size >> 14 {
		b.WriteString("<si><t>" + strings.Repeat("x", 1<<14) + "</t></si>")
	}
	parts["xl/sharedStrings.xml"] = b.String() + "</sst>"
	return parts
}

// Shared strings are stored in a temporary file that does not remain. If none can be created, they are kept in memory, up to
// a limit.
func TestTemporaryFiles(t *testing.T) {
	want := []string{`2 1 "first" -`, `3 2 "second" -`}
	for _, tt := range []struct {
		name   string
		noTemp bool
		size   int
		err    string
	}{
		{"in a file", false, 3 << 20, ""},
		{"in memory", true, 3 << 20, ""},
		{"too many for memory", true, 21 << 20, "groups.xlsx: the text of the spreadsheet cannot be copied to a temporary file: open "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			temp := dir
			if tt.noTemp {
				temp = filepath.Join(dir, "none")
			}
			for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
				t.Setenv(name, temp)
			}
			got, err := summarizeWorkbook(t, zipParts(t, workbookWithStrings(tt.size)), ReaderOptions{})
			if !matches(err, tt.err) || err == nil && !cmp.Equal(got, want) {
				t.Errorf("got %q, %v", got, err)
			}
			if spool, ok := errors.AsType[*SpoolError](err); err != nil && (!ok || !spool.Text) {
				t.Errorf("got %T, want a *SpoolError of the text", err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("files remain: %v, %v", left, err)
			}
		})
	}
}

// A canceled context stops the opening of a workbook.
func TestOpenCanceled(t *testing.T) {
	stopped := errors.New("stopped")
	ctx, stop := context.WithCancelCause(t.Context())
	stop(stopped)
	data := zipParts(t, workbookParts(headerRow))
	if _, err := xlsx.Open(ctx, bytes.NewReader(data), int64(len(data)), ""); !errors.Is(err, stopped) {
		t.Error(err)
	}
}
