// Package xlsx reads and writes xlsx workbooks (ECMA-376) as streams, in memory that does not grow with them.
//
// [Open] opens one sheet. Its rows are records of CSV, each cell with its [Kind], and the values that formulas
// had when the workbook was saved. A workbook that is damaged in a part that is needed is refused as a whole,
// before its first row. [Write] writes workbooks in which every cell is a text cell.
package xlsx
