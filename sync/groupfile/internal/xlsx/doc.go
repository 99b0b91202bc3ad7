// Package xlsx reads and writes xlsx workbooks (ECMA-376) as streams. Its memory does not grow with their size.
//
// [Open] opens one sheet. [Sheet.Next] returns its rows as CSV records, and [Sheet.Kinds] the [Kind] of each cell. The
// value of a formula is the one that the workbook was saved with. Open refuses a workbook if a part that it needs is
// damaged. [Write] writes a workbook in which every cell is a text cell.
//
// Where to look:
//   - workbook.go opens a workbook, sheet.go reads its rows, and cell.go and numberformat.go read a cell.
//   - parts.go opens the parts of the zip archive, and partreader.go reads the XML in them.
//   - otherformat.go names the format of a file that is not an xlsx workbook.
//   - writer.go writes workbooks.
package xlsx
