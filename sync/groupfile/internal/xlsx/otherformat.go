package xlsx

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"groupsync/sync/quote"
)

// The first bytes of a zip archive, such as an xlsx file, and of an OLE 2 compound file, such as an xls file.
const (
	ZipMagic = "PK\x03\x04"
	OLEMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
)

// openAndSave is the advice for files that some programs export with the extension xls.
const openAndSave = ", not a spreadsheet: open it in a spreadsheet program, and save it as xlsx or as CSV UTF-8"

// DescribeOtherFormat returns the format of a file with this beginning, and what to do. It returns "" if the file may be a
// spreadsheet or a CSV file.
func DescribeOtherFormat(begin []byte) string {
	if bytes.HasPrefix(begin, []byte("\x1f\x8b")) {
		return "this file is compressed with gzip: decompress it first, for example with gunzip"
	}
	begin = bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(begin, []byte("\ufeff")), " \t\r\n"))
	for _, other := range []struct{ begin, reason string }{
		{"<?xml", "this is XML" + openAndSave},
		{"<html", "this is a web page" + openAndSave},
		{"<!doctype", "this is a web page" + openAndSave},
		{"<table", "this is a web page" + openAndSave},
		{"[{", "this is JSON, not a table: convert it to CSV UTF-8"},
		{"%pdf-", "this is a PDF file: export the table itself, as xlsx or as CSV UTF-8"},
		{`{\rtf`, "this is a text document: put the table into a spreadsheet, and save that as xlsx or as CSV UTF-8"},
	} {
		if bytes.HasPrefix(begin, []byte(other.begin)) {
			return other.reason
		}
	}
	return ""
}

// saveAsXLSX is the advice for the spreadsheets of other programs.
const saveAsXLSX = ": save it as xlsx (Excel workbook) or as CSV UTF-8"

// describeOtherArchive returns the format of a zip archive that is not an xlsx workbook, and what to do. It returns "" for
// an xlsx workbook.
func (w *workbook) describeOtherArchive() string {
	has := func(prefix string) bool {
		for name := range w.parts {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return false
	}
	switch {
	case strings.HasSuffix(w.path, ".bin") || has("xl/workbook.bin"):
		return "this is a binary Excel workbook (xlsb)" + saveAsXLSX
	case has("index/document.iwa") || has("index.zip"):
		return "this is a Numbers document: export it as CSV or as Excel (xlsx)"
	case w.parts["mimetype"] != nil:
		return fmt.Sprintf("this is a file from %s", programOf(w.parts["mimetype"])) + saveAsXLSX
	case has("word/") || has("ppt/"):
		return "this is a text document or a presentation, not a spreadsheet: put the table into a spreadsheet, and save that as xlsx or as CSV UTF-8"
	case w.parts[w.path] == nil || !strings.HasPrefix(w.path, "xl/"):
		return "this is a zip archive without a spreadsheet: unpack it, and use the CSV or xlsx file in it"
	}
	return ""
}

// programOf returns the program that writes files whose part mimetype is f.
func programOf(f *zip.File) string {
	in, err := f.Open()
	if err != nil {
		return "another program"
	}
	defer in.Close()
	mimetype, _ := io.ReadAll(io.LimitReader(in, 200))
	if bytes.HasPrefix(mimetype, []byte("application/vnd.oasis.opendocument.spreadsheet")) {
		return "LibreOffice or OpenOffice (ods)"
	}
	return fmt.Sprintf("another program (%s)", quote.Text(string(mimetype)))
}

// DescribeCompoundFile returns the format of an OLE 2 compound file, and what to do.
func DescribeCompoundFile(in io.ReaderAt) string {
	// The directory of the file names its streams: https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-cfb
	var header [512]byte
	directory := make([]byte, 4096)
	if n, _ := in.ReadAt(header[:], 0); n == len(header) {
		shift := binary.LittleEndian.Uint16(header[30:])
		first := binary.LittleEndian.Uint32(header[48:])
		n, _ := in.ReadAt(directory, (int64(first)+1)<<min(shift, 16))
		directory = directory[:n]
	}
	if bytes.Contains(directory, []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")) {
		return "this spreadsheet is encrypted with a password: save it without one"
	}
	return "this is an old Excel file (xls)" + saveAsXLSX
}
