package groupfile

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"groupsync/ecwid"
)

// Cells are the three cells of a row that are read, as they are in the file.
type Cells struct {
	GroupID             string `csv:"groupId"`
	Name                string `csv:"name"`
	ExternalReferenceID string `csv:"externalReferenceId"`
}

// compact returns copies of the cells if their record is much larger. The cells of a record are parts of one string, so a
// short name would keep a megabyte of another column in memory.
func (c Cells) compact(recordSize int) Cells {
	if recordSize < 1<<10 || recordSize < 2*(len(c.GroupID)+len(c.Name)+len(c.ExternalReferenceID)) {
		return c
	}
	return Cells{strings.Clone(c.GroupID), strings.Clone(c.Name), strings.Clone(c.ExternalReferenceID)}
}

// Row is one row of the input, and the update to send for it.
type Row struct {
	// Line is the line of the input on which the row begins, from 1.
	Line int
	Cells
	// ID is the parsed groupId: 1 to 2147483647.
	ID int32
	// Update is the body of the PUT.
	Update ecwid.CustomerGroupUpdate
	// Key is the value that identifies the group if [ReaderOptions.Key] is set, otherwise "".
	Key string
	// Untidy reports whether the row has a value that [Tidy] would change. It is sent unchanged unless
	// [ReaderOptions.Tidy] is set.
	Untidy bool
	// Err is why the row cannot be sent, a [*RowError], or nil.
	Err error
	// Unsendable is the update of a row whose only fault is a value that cannot be sent, otherwise nil.
	Unsendable *Unsendable
}

// Unsendable is an update with a value that cannot be sent, but that the group may already have.
type Unsendable struct {
	ID     int32
	Update ecwid.CustomerGroupUpdate
}

// Group returns the key of the row, or its id if rows have no key. It is the same for all rows of a group.
func (row *Row) Group() string {
	if row.Key != "" {
		return row.Key
	}
	return strconv.Itoa(int(row.ID))
}

// errNothingToSend has, for each [ReaderOptions.Key], the error of a row without a value to send.
var errNothingToSend = map[string]*RowError{
	"":               {Reason: "there is nothing to send: name and externalReferenceId are empty"},
	ColumnName:       {Reason: "there is nothing to send: externalReferenceId is empty"},
	ColumnExternalID: {Reason: "there is nothing to send: name is empty"},
}

// setUpdate sets the row's update from its cells, or its Err.
func (row *Row) setUpdate(clearBlank, tidy bool, key string) {
	if err := row.parse(clearBlank, tidy, key); err != nil {
		row.Fail(err)
	}
}

// RowOf returns the row with these cells. It does not find the row's group by its key.
func (r *Reader) RowOf(c Cells) Row {
	row := Row{Cells: c}
	row.setUpdate(r.clear, r.options.Tidy, r.options.Key)
	return row
}

// failExtraCells sets the Err of a row with more cells than the header, whose columns have these names. The row keeps only
// its first cell: the others may be in the wrong columns.
func (row *Row) failExtraCells(err error, names []string) {
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

// Fail sets the row's Err and clears its update. It replaces bytes of the cells that are not UTF-8, because the results
// are UTF-8.
func (row *Row) Fail(err error) {
	row.Err = err
	for _, cell := range []*string{&row.GroupID, &row.Name, &row.ExternalReferenceID} {
		*cell = strings.ToValidUTF8(*cell, string(utf8.RuneError))
	}
	row.ID, row.Update = 0, ecwid.CustomerGroupUpdate{}
}

// parse sets the row's ID, Key, Update, Unsendable and Untidy from its cells, or returns why the row cannot be sent.
func (row *Row) parse(clearBlank, tidy bool, key string) error {
	var fault error // of a value that the group may already have
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
			reason = lostDigitsFault(externalID)
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
		row.Unsendable = &Unsendable{row.ID, row.Update}
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
		return &RowError{key, fmt.Sprintf("it is empty: every row needs the %s of its group", key)}
	}
	if row.Update == (ecwid.CustomerGroupUpdate{}) {
		return errNothingToSend[key]
	}
	return nil
}
