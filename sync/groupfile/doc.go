// Package groupfile reads and writes files of customer groups.
//
// A [Reader] turns a CSV file or an xlsx workbook with a header into [Row]s: what each row says, and what is to
// be sent for it. It streams: its memory does not grow with the file. A row that cannot be sent carries a
// [*RowError] and does not affect the rows after it; only a file that cannot be used as a whole is an error, an
// [*InputError]. An [Input] is a file that is opened once and read as often as needed, and that must not change
// meanwhile. [CheckInput] reports how a file is understood.
//
// [WriteGroups] and [WriteWorkbook] write groups as files that a Reader accepts.
//
// Where to look: findheader.go and header.go find the columns, groupid.go decides what a group id is, cellfault.go
// which other values are refused, and row.go makes a row of its cells.
//
// The package knows no store, and names no command-line flag: errors say what is wrong in terms of
// [ReaderOptions], and the program that set them adds what to do.
package groupfile
