package sync

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"groupsync/ecwid"
)

// Cells are the three cells of an input row, as they stand in the file.
type Cells struct {
	GroupID             string `csv:"groupId"`
	Name                string `csv:"name"`
	ExternalReferenceID string `csv:"externalReferenceId"`
}

// apart is the cells without the rest of their record, of so many bytes: encoding/csv cuts a record's
// cells from one string, so that a short name would keep a megabyte of another column alive.
func (c Cells) apart(record int) Cells {
	if record < 1<<10 || record < 2*(len(c.GroupID)+len(c.Name)+len(c.ExternalReferenceID)) {
		return c
	}
	return Cells{strings.Clone(c.GroupID), strings.Clone(c.Name), strings.Clone(c.ExternalReferenceID)}
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
	// key is the text by which the row names its group, if the reader was told to look for that.
	key string
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

// understand makes of the row's cells what is to be sent, or says why that can't be.
func (row *Row) understand(clearBlank bool, key string) {
	if err := row.parse(clearBlank, key); err != nil {
		row.fail(err)
	}
}

// fail makes the row one that can't be sent.
func (row *Row) fail(err error) {
	row.Err = err
	row.ID, row.Update = 0, ecwid.CustomerGroupUpdate{}
}

func (row *Row) parse(clearBlank bool, key string) error {
	if key == "" || !isBlank(row.GroupID) {
		id, reason := parseGroupID(row.GroupID)
		if reason != "" {
			return &RowError{columnGroupID, reason}
		}
		row.ID = id
	}
	if !isBlank(row.Name) {
		if reason := textFault(row.Name); reason != "" {
			return &RowError{columnName, reason}
		}
		row.Update.Name = ecwid.String(row.Name)
	}
	switch {
	case !isBlank(row.ExternalReferenceID):
		if reason := textFault(row.ExternalReferenceID); reason != "" {
			return &RowError{columnExternalID, reason}
		}
		row.Update.ExternalReferenceID = ecwid.String(row.ExternalReferenceID)
	case clearBlank:
		row.Update.ExternalReferenceID = ecwid.Null()
	}
	switch key {
	case columnName:
		row.key, row.Update.Name = row.Update.Name.Value(), ecwid.Text{}
	case columnExternalID:
		row.key, row.Update.ExternalReferenceID = row.Update.ExternalReferenceID.Value(), ecwid.Text{}
	}
	if key != "" && row.key == "" {
		return &RowError{key, "it is empty: there is no telling which group is meant"}
	}
	if row.Update == (ecwid.CustomerGroupUpdate{}) {
		return &RowError{Reason: "there is nothing to send: name and externalReferenceId are empty"}
	}
	return nil
}

// isBlank reports whether a cell holds nothing but blanks, which makes it an empty cell.
func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

// maxGroupID is the widest id that Ecwid's own client holds: a wider one might be narrowed onto another group.
const maxGroupID = math.MaxInt32

// parseGroupID reads a group id, or says what is wrong with it. It is strict, because the server might read
// "12.9" as 12.
func parseGroupID(cell string) (int32, string) {
	s := strings.TrimSpace(cell)
	digits := strings.TrimLeft(s, "0")
	switch {
	case s == "":
		return 0, "it is empty: every row needs the id of its group"
	case !utf8.ValidString(s):
		return 0, textFault(s)
	case strings.Trim(s, "0123456789") != "":
		return 0, notDigits(s)
	case digits == "":
		return 0, shown(s) + " is the store's default group, which is not changed: take the row out"
	case len(digits) > 10:
		return 0, tooGreat(s)
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id > maxGroupID {
		return 0, tooGreat(s)
	}
	return int32(id), ""
}

func tooGreat(s string) string {
	return fmt.Sprintf("%s is greater than any group id, which is at most %d: look it up in the store", shown(s), maxGroupID)
}

// notDigits says what else an id that does not consist of digits is.
func notDigits(s string) string {
	number, err := strconv.ParseFloat(s, 64)
	isDecimal := (err == nil || errors.Is(err, strconv.ErrRange)) && strings.Trim(s, "0123456789.eE+-") == ""
	switch {
	case isDecimal && s[0] == '-':
		return shown(s) + " is negative: a group id has no sign"
	case isDecimal && s[0] == '+':
		return shown(s) + " has a sign: a group id is digits only"
	case isDecimal && strings.ContainsAny(s, "eE"):
		return shown(s) + " is in scientific notation: a spreadsheet may have lost digits of the id, take it from the store again"
	case isDecimal && number != math.Trunc(number):
		return shown(s) + " is a fraction: a group id is a whole number"
	case isDecimal:
		return shown(s) + " has a decimal point: a group id is digits only"
	case strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf && unicode.IsDigit(r) }):
		return shown(s) + " has other digits than 0 to 9: write it with these"
	}
	return shown(s) + " is not a number: a group id is digits only"
}

// textFault says what in a text can't be sent, or "".
func textFault(s string) string {
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return fmt.Sprintf("it is not UTF-8 (byte 0x%02X): save the file as CSV UTF-8", s[i])
			}
		case r == '\n', r == '\r':
			return "it holds a line break: the text has to be on one line"
		case r == '\t':
			return "it holds a tab: take it out"
		case unicode.IsControl(r):
			return fmt.Sprintf("it holds the control character U+%04X: take it out", r)
		}
	}
	return ""
}
