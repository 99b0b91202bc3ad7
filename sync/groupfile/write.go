package groupfile

import (
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf16"

	"groupsync/ecwid"
	"groupsync/sync/groupfile/internal/xlsx"

	"github.com/gocarina/gocsv"
)

// WriteGroups writes groups as a CSV file that a [Reader] accepts.
func WriteGroups(out io.Writer, groups []ecwid.CustomerGroup) error {
	rows := make([]Cells, 0, len(groups))
	for _, g := range groups {
		rows = append(rows, groupCells(g))
	}
	return gocsv.MarshalCSV(rows, gocsv.NewSafeCSVWriter(csv.NewWriter(out)))
}

// groupCells returns the cells of a row with the values of the group.
func groupCells(g ecwid.CustomerGroup) Cells {
	return Cells{strconv.Itoa(int(g.ID)), g.Name, g.ExternalReferenceID}
}

// IsWorkbook reports whether a file name has the extension of a workbook (xlsx).
func IsWorkbook(name string) bool { return strings.EqualFold(filepath.Ext(name), ".xlsx") }

// The limits of Excel.
const (
	maxSheetRows      = 1 << 20
	maxCellCharacters = 32767
)

// WorkbookError reports groups that do not fit into a workbook.
type WorkbookError struct {
	Reason string
}

func (e *WorkbookError) Error() string { return e.Reason }

// WriteWorkbook writes groups as an xlsx workbook that a [Reader] accepts. All cells are text cells, which spreadsheet
// programs show and save without changes. With an origin, the workbook also gets a hidden sheet with the values, see
// [Input.WorkbookBase].
//
// The error is a [*WorkbookError] if Excel could not open the workbook. In that case, nothing is written.
func WriteWorkbook(out io.Writer, groups []ecwid.CustomerGroup, origin *Origin) error {
	if len(groups) >= maxSheetRows {
		return &WorkbookError{fmt.Sprintf("a sheet holds at most %d groups, and there are %d", maxSheetRows-1, len(groups))}
	}
	for _, g := range groups {
		for _, cell := range []struct{ column, value string }{{ColumnName, g.Name}, {ColumnExternalID, g.ExternalReferenceID}} {
			if len(cell.value) > maxCellCharacters && utf16Length(cell.value) > maxCellCharacters {
				return &WorkbookError{fmt.Sprintf("group %d: %s: it is longer than %d characters, the most that a cell holds", g.ID, cell.column, maxCellCharacters)}
			}
		}
	}
	tables := []xlsx.Table{{
		Name:   "Groups",
		Header: []string{ColumnGroupID, ColumnName, ColumnExternalID},
		Rows: func(yield func([]string) bool) {
			for _, g := range groups {
				c := groupCells(g)
				if !yield([]string{c.GroupID, c.Name, c.ExternalReferenceID}) {
					return
				}
			}
		},
	}}
	if origin != nil {
		tables = append(tables, baseTable(*origin, groups))
	}
	return xlsx.Write(out, tables...)
}

// utf16Length returns the length of s in UTF-16, as Excel counts it.
func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}
