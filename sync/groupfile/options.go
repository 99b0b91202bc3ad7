package groupfile

import "os"

// ReaderOptions say how an input is understood. The zero value of each field is a good default.
type ReaderOptions struct {
	// Name is what messages call the input.
	Name string
	// File is the input if that is a file.
	File *os.File
	// Spool says how an input that can be read only once is copied, so that it can be read again.
	Spool SpoolOptions
	// CheckEncoding reads an input that can be read again to its end before the first row: if bytes of a text
	// cannot be decoded, the input is refused. Otherwise such a row is invalid.
	CheckEncoding bool

	// Columns are the headers of the columns groupId, name and externalReferenceId whose names in the header
	// are not recognized.
	Columns map[string]string
	// HeaderRow is the line of the header; 0: it is detected among the first 20 rows that are not blank.
	HeaderRow int
	// Encoding is the WHATWG's name of the encoding of a CSV file without a byte order mark; "" is UTF-8, or
	// UTF-16 if the zero bytes of the first characters show it.
	Encoding string
	// Delimiter separates the cells of a CSV file; "": it is detected from the header. For a spreadsheet it is only
	// the delimiter of [Format].
	Delimiter string
	// Sheet is the sheet of a spreadsheet, by its name or its place from 1; "" is the first visible sheet.
	Sheet string
	// Tidy removes leading and trailing spaces and invisible characters from values, and composes decomposed
	// characters (NFC).
	Tidy bool

	// ClearBlank makes an empty externalReferenceId clear that of the store. A file without that column clears
	// nothing, and a results file is refused.
	ClearBlank bool
	// Key is the column by which rows name their groups, name or externalReferenceId; "" is groupId. A run then
	// lists the store's groups and finds them by it; the column itself is not sent.
	Key string

	base bool     // the file is read by [OpenBase]
	only []string // the statuses of a base that is a results file; other records are skipped
}

// Format is how a table is written.
type Format struct {
	// Encoding is the WHATWG's name of the encoding, or "xlsx".
	Encoding string
	// BOM reports whether the file begins with a byte order mark.
	BOM bool
	// Delimiter separates the cells.
	Delimiter byte
}
