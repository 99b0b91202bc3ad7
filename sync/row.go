package sync

import (
	"fmt"

	"groupsync/ecwid"
)

// Cells are the three cells of an input row, as they stand in the file.
type Cells struct {
	GroupID             string `csv:"groupId"`
	Name                string `csv:"name"`
	ExternalReferenceID string `csv:"externalReferenceId"`
}

// Row is one row of the input: what it says and what is to be sent for it.
type Row struct {
	// Line is the line of the input on which the row begins; the header is on line 1.
	Line int
	Cells
	// ID is groupId, parsed: 1 to 2147483647.
	ID int32
	// Update is what the PUT carries.
	Update ecwid.CustomerGroupUpdate
	// Err says why the row cannot be sent: a *RowError, or nil.
	Err error
}

// RowError is what is wrong with one row of the input.
type RowError struct {
	// Column is the column at fault, or "" when the row as a whole is broken.
	Column string
	Reason string
}

func (e *RowError) Error() string {
	if e.Column == "" {
		return e.Reason
	}
	return fmt.Sprintf("%s: %s", e.Column, e.Reason)
}
