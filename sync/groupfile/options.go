package groupfile

import "os"

// ReaderOptions are the options for reading an input. The zero value of each field is a good default.
type ReaderOptions struct {
	// Name is what messages call the input.
	Name string
	// File is the input if it is a file.
	File *os.File
	// Spool are the options for copying an input that can be read only once.
	Spool SpoolOptions
	// CheckEncoding refuses a CSV file with bytes that cannot be decoded, before its first row. Otherwise, the rows with
	// such bytes are invalid. It has no effect on an input that can be read only once.
	CheckEncoding bool

	// Columns maps groupId, name and externalReferenceId to their names in the header, if these are not recognized.
	Columns map[string]string
	// HeaderRow is the line of the header; 0: the header is detected in the first 20 rows that are not blank.
	HeaderRow int
	// Encoding is the WHATWG name of the encoding of a CSV file without a byte order mark; "" is UTF-8, or UTF-16
	// if the first characters have the zero bytes of UTF-16.
	Encoding string
	// Delimiter separates the cells of a CSV file; "": it is detected. For a spreadsheet, it only sets the delimiter of
	// [Reader.Format].
	Delimiter string
	// Sheet is the name or the number, from 1, of a sheet in a spreadsheet; "" is the first visible sheet.
	Sheet string
	// Tidy removes leading and trailing spaces and invisible characters from values, and composes decomposed
	// characters (NFC).
	Tidy bool

	// ClearBlank makes an empty externalReferenceId clear the one in the store. A file without that column clears
	// nothing, and a results file is refused.
	ClearBlank bool
	// Key is the column by which rows identify their groups: name, externalReferenceId, or "" for groupId. A key other
	// than groupId is not sent; a run finds its groups in a list of the store's groups.
	Key string

	base     bool     // the file is read by [OpenBase]
	statuses []string // if not empty, the input is a results file, and only its rows with these statuses are read
}
