package groupfile

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"groupsync/ecwid"
	"groupsync/internal/quote"
)

// Cells are the three cells of an input row, as they are in the file.
type Cells struct {
	GroupID             string `csv:"groupId"`
	Name                string `csv:"name"`
	ExternalReferenceID string `csv:"externalReferenceId"`
}

// detached returns the cells in memory of their own, unless the record is small, given in bytes. encoding/csv cuts
// the cells of a record from one string, so a short name would keep a megabyte of another column in memory.
func (c Cells) detached(record int) Cells {
	if record < 1<<10 || record < 2*(len(c.GroupID)+len(c.Name)+len(c.ExternalReferenceID)) {
		return c
	}
	return Cells{strings.Clone(c.GroupID), strings.Clone(c.Name), strings.Clone(c.ExternalReferenceID)}
}

// Row is one row of the input, and the update to send for it.
type Row struct {
	// Line is the line of the input on which the row begins, from 1.
	Line int
	Cells
	// ID is groupId, parsed: 1 to 2147483647.
	ID int32
	// Update is the body of the PUT.
	Update ecwid.CustomerGroupUpdate
	// Key is the value that identifies the group if [ReaderOptions.Key] is set, otherwise "".
	Key string
	// Untidy reports whether a value has leading or trailing spaces, no-break spaces or invisible characters, or is
	// not in Unicode's form NFC. It is sent unchanged unless [ReaderOptions.Tidy] is set.
	Untidy bool
	// Err is why the row cannot be sent, a [*RowError], or nil.
	Err error
	// Unsendable is the update of a row whose Err is only about a value that cannot be sent: the group may already
	// have that value. It is zero for any other row.
	Unsendable unsendable
}

type unsendable struct {
	ID     int32
	Update ecwid.CustomerGroupUpdate
}

// Group returns what the rows of one group have in common before the store's groups are known: their key, or
// without a key their id.
func (row *Row) Group() string {
	if row.Key != "" {
		return row.Key
	}
	return strconv.Itoa(int(row.ID))
}

// errNothingToSend is the error of a row that has no value to send.
var errNothingToSend = &RowError{Reason: "there is nothing to send: name and externalReferenceId are empty"}

// understand sets the row's update from its cells, or its Err.
func (row *Row) understand(clearBlank, tidy bool, key string) {
	if err := row.parse(clearBlank, tidy, key); err != nil {
		row.Fail(err)
	}
}

// RowOf returns the row that these cells make. It does not find the group of a key.
func (r *Reader) RowOf(c Cells) Row {
	row := Row{Cells: c}
	row.understand(r.clear, r.options.Tidy, r.options.Key)
	return row
}

// misread sets the Err of a row with more cells than its header, which has columns of these names. Only the first
// cell is certain to be in its column, and is kept.
func (row *Row) misread(err error, names []string) {
	kept := Cells{}
	switch names[0] {
	case ColumnGroupID:
		kept.GroupID = row.GroupID
	case ColumnName:
		kept.Name = row.Name
	case ColumnExternalID:
		kept.ExternalReferenceID = row.ExternalReferenceID
	}
	row.Cells = kept
	row.Fail(err)
}

// Fail sets the row's Err and clears its update. It replaces bytes of its cells that are not UTF-8, because the
// results are UTF-8.
func (row *Row) Fail(err error) {
	row.Err = err
	for _, cell := range []*string{&row.GroupID, &row.Name, &row.ExternalReferenceID} {
		*cell = strings.ToValidUTF8(*cell, string(utf8.RuneError))
	}
	row.ID, row.Update = 0, ecwid.CustomerGroupUpdate{}
}

func (row *Row) parse(clearBlank, tidy bool, key string) error {
	var fault error // in a value that the group may already have
	name, externalID := row.Name, row.ExternalReferenceID
	if tidy {
		name, externalID = Tidy(name), Tidy(externalID)
	}
	if key == "" || !IsBlank(row.GroupID) {
		id, reason := parseGroupID(row.GroupID)
		if reason != "" {
			return &RowError{ColumnGroupID, reason}
		}
		row.ID = id
	}
	if !IsBlank(name) {
		if reason := textFault(name); reason != "" {
			fault = &RowError{ColumnName, reason}
		}
		row.Untidy = fault == nil && isUntidy(row.Name)
		row.Update.Name = ecwid.String(name)
	}
	switch {
	case !IsBlank(externalID):
		reason := textFault(externalID)
		if reason == "" && lostDigits.MatchString(strings.TrimSpace(externalID)) {
			reason = quote.Text(externalID) + DamagedNumber
		}
		if reason != "" && fault == nil {
			fault = &RowError{ColumnExternalID, reason}
		}
		row.Untidy = row.Untidy || fault == nil && isUntidy(row.ExternalReferenceID)
		row.Update.ExternalReferenceID = ecwid.String(externalID)
	case clearBlank:
		row.Update.ExternalReferenceID = ecwid.Null()
	}
	if fault != nil && key == "" {
		row.Unsendable = unsendable{row.ID, row.Update}
	}
	if fault != nil {
		return fault
	}
	switch key {
	case ColumnName:
		row.Key, row.Update.Name = row.Update.Name.Value(), ecwid.OptionalString{}
	case ColumnExternalID:
		row.Key, row.Update.ExternalReferenceID = row.Update.ExternalReferenceID.Value(), ecwid.OptionalString{}
	}
	if key != "" && row.Key == "" {
		return &RowError{key, "it is empty and identifies no group"}
	}
	if row.Update == (ecwid.CustomerGroupUpdate{}) {
		return errNothingToSend
	}
	return nil
}

// IsBlank reports whether a cell is empty or consists of white space, which is the same.
func IsBlank(s string) bool { return strings.TrimSpace(s) == "" }
