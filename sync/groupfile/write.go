package groupfile

import (
	"encoding/csv"
	"errors"
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

// RestoreFault is a value of a group that cannot be restored, and why.
type RestoreFault struct {
	Group          int32
	Column, Reason string
}

// RestoreFaults returns the groups whose values would not be sent from a backup of them, in a run that clears
// empty external ids.
func RestoreFaults(groups []ecwid.CustomerGroup) (all []RestoreFault) {
	for _, g := range groups {
		row := Row{Cells: groupCells(g)}
		row.understand(true, false, "")
		fault, _ := errors.AsType[*RowError](row.Err)
		switch {
		case fault != nil:
		case row.Update.Name.Value() != g.Name:
			fault = &RowError{ColumnName, "it is blank"}
		case row.Update.ExternalReferenceID.Value() != g.ExternalReferenceID:
			fault = &RowError{ColumnExternalID, "it is blank"}
		default:
			continue
		}
		all = append(all, RestoreFault{g.ID, fault.Column, fault.Reason})
	}
	return all
}

// WriteGroups writes groups as a CSV file in the columns of the input.
func WriteGroups(out io.Writer, groups []ecwid.CustomerGroup) error {
	rows := make([]Cells, 0, len(groups))
	for _, g := range groups {
		rows = append(rows, groupCells(g))
	}
	return gocsv.MarshalCSV(rows, gocsv.NewSafeCSVWriter(csv.NewWriter(out)))
}

// groupCells returns the cells of a row that asks for what the group holds.
func groupCells(g ecwid.CustomerGroup) Cells {
	return Cells{strconv.Itoa(int(g.ID)), g.Name, g.ExternalReferenceID}
}

// IsWorkbook reports whether a file name is that of a workbook (xlsx).
func IsWorkbook(name string) bool { return strings.EqualFold(filepath.Ext(name), ".xlsx") }

// The largest sheet and cell that Excel opens.
const (
	maxSheetRows      = 1 << 20
	maxCellCharacters = 32767
)

// WorkbookError reports a group that does not fit into a workbook, or more groups than fit.
type WorkbookError struct {
	Reason string
}

func (e *WorkbookError) Error() string { return e.Reason }

// WriteWorkbook writes groups as an xlsx workbook in the columns of the input. All cells are text cells, which
// spreadsheet programs show and keep character by character. With an origin, the workbook also gets a hidden
// sheet that keeps the values as they are: see [Input.Base].
//
// Its error is a [*WorkbookError], before anything is written, if Excel could not open the workbook.
func WriteWorkbook(out io.Writer, groups []ecwid.CustomerGroup, origin *Origin) error {
	if len(groups) >= maxSheetRows {
		return &WorkbookError{fmt.Sprintf("a sheet holds %d rows, and there are %d groups", maxSheetRows-1, len(groups))}
	}
	for _, g := range groups {
		for _, cell := range []struct{ column, value string }{{ColumnName, g.Name}, {ColumnExternalID, g.ExternalReferenceID}} {
			if len(cell.value) > maxCellCharacters && characters(cell.value) > maxCellCharacters {
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

// characters returns the length of s as Excel counts it, in UTF-16.
func characters(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}
