package groupfile

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"

	"groupsync/ecwid"

	"github.com/gocarina/gocsv"
)

// RestoreFault is a group that can't be restored, the column at fault, and why.
type RestoreFault struct {
	Group          int32
	Column, Reason string
}

// restoreFaults returns the groups whose values would not be sent from a backup of them, in a run that clears what is
// blank.
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
