// Package groupfile reads and writes files of customer groups.
//
// A [Reader] reads the rows of a CSV file or an xlsx workbook that has a header. A [Row] has the cells of the row and
// the update to send for it. The memory of a Reader does not grow with the file. A row that cannot be sent has a
// [*RowError] and does not affect the rows after it. If the file itself cannot be used, the error is an [*InputError].
// An [Input] is a file that is opened once, can be read several times, and must not change in the meantime.
// [CheckInput] reports how a file is read.
//
// [WriteGroups] and [WriteWorkbook] write groups as files that a Reader accepts. [OpenBase] opens a file that says which
// values the groups had earlier.
//
// Where to look:
//   - reader.go reads the rows, and row.go makes the update of a row from its cells.
//   - header.go finds the header, and columns.go the columns in it.
//   - groupid.go checks group ids, cellfault.go names and external ids, and cellkind.go dates, numbers and other cells
//     of a workbook that are not text.
//   - encoding.go, delimiter.go and spreadsheet.go detect the format of a file.
//   - base.go reads any base, and workbookbase.go the hidden sheet that a pulled workbook has for this. results.go reads
//     the results of a run.
//
// The package does not know the store and does not name command-line flags. Its errors refer to the fields of
// [ReaderOptions]; the program adds the hint.
package groupfile
