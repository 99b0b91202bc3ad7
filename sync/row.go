package sync

import (
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

// understand makes of the row's cells what is to be sent, or says why that can't be.
func (row *Row) understand(clearBlank bool) {
	if row.Err = row.parse(clearBlank); row.Err != nil {
		row.ID, row.Update = 0, ecwid.CustomerGroupUpdate{}
	}
}

func (row *Row) parse(clearBlank bool) error {
	id, reason := parseGroupID(row.GroupID)
	if reason != "" {
		return &RowError{columnGroupID, reason}
	}
	row.ID = id
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
		return 0, "it is empty"
	case strings.Trim(s, "0123456789") != "":
		return 0, notDigits(s)
	case digits == "":
		return 0, "0 is the store's default group, which is not changed"
	case len(digits) > 10:
		return 0, fmt.Sprintf("%s is greater than any group id, at most %d", shown(s), maxGroupID)
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id > maxGroupID {
		return 0, fmt.Sprintf("%s is greater than any group id, at most %d", shown(s), maxGroupID)
	}
	return int32(id), ""
}

// notDigits says what else an id that does not consist of digits is.
func notDigits(s string) string {
	number, err := strconv.ParseFloat(s, 64)
	switch {
	case err == nil && strings.HasPrefix(s, "-"):
		return shown(s) + " is negative: a group id is not"
	case err == nil && strings.HasPrefix(s, "+"):
		return shown(s) + " has a sign: a group id is digits only"
	case err == nil && strings.ContainsAny(s, "eE") && !strings.ContainsAny(s, "xX"):
		return shown(s) + " is in scientific notation: a spreadsheet may have changed the id, take it from the store again"
	case err == nil && number != math.Trunc(number):
		return shown(s) + " is a fraction: a group id is a whole number"
	case err == nil && strings.Contains(s, "."):
		return shown(s) + " has a decimal point: a group id is digits only"
	}
	return shown(s) + " is not a number: a group id is digits only"
}

// textFault says what in a text can't be sent, or "".
func textFault(s string) string {
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return fmt.Sprintf("it is not UTF-8, from the byte 0x%02X on: save the file as CSV UTF-8", s[i])
			}
		case r == '\n', r == '\r':
			return "it holds a line break"
		case r == '\t':
			return "it holds a tab"
		case unicode.IsControl(r):
			return fmt.Sprintf("it holds the control character U+%04X", r)
		}
	}
	return ""
}
