// Package xlsx reads and writes xlsx workbooks (ECMA-376) as streams, in memory that does not grow with them.
//
// [Write] writes workbooks in which every cell is a text cell.
package xlsx
