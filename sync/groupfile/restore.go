package groupfile

import (
	"errors"

	"groupsync/ecwid"
)

// RestoreFault is a value of a group that cannot be restored.
type RestoreFault struct {
	Group  int32
	Column string
	Reason string
}

// RestoreFaults returns the values that cannot be restored, at most one for each group: a run with ClearBlank that reads
// them from a backup would not send them.
func RestoreFaults(groups []ecwid.CustomerGroup) (all []RestoreFault) {
	for _, g := range groups {
		row := Row{Cells: groupCells(g)}
		row.setUpdate(true, false, "")
		fault, _ := errors.AsType[*RowError](row.Err)
		switch {
		case fault != nil:
		case row.Update.Name.Value() != g.Name:
			fault = &RowError{ColumnName, "it has only white space, which is not sent"}
		case row.Update.ExternalReferenceID.Value() != g.ExternalReferenceID:
			fault = &RowError{ColumnExternalID, "it has only white space, which is not sent"}
		default:
			continue
		}
		all = append(all, RestoreFault{g.ID, fault.Column, fault.Reason})
	}
	return all
}
