package groupfile

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"groupsync/ecwid"
	"groupsync/sync/internal/quote"
)

// Cells are the three cells of an input row, as they are in the file.
type Cells struct {
	GroupID             string `csv:"groupId"`
	Name                string `csv:"name"`
	ExternalReferenceID string `csv:"externalReferenceId"`
}

// detached returns the cells in memory of their own, unless the record, of so many bytes, is small. encoding/csv cuts
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

// RowOf returns the row that a line with these cells would be. It does not find the group of a key.
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

// maxGroupID is the largest id in Ecwid's own client. A larger one might be truncated to the id of another group.
const maxGroupID = math.MaxInt32

// parseGroupID parses a group id, or returns what is wrong with it. It is strict, because the server might read
// "12.9" as 12.
func parseGroupID(cell string) (int32, string) {
	s := strings.TrimSpace(cell)
	if fault := spreadsheetFault(s); fault != "" {
		return 0, fault
	}
	whole, fraction, _ := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	if fraction != "" && strings.Trim(fraction, "0") == "" && whole != "" && strings.Trim(whole, "0123456789") == "" && !isGrouped(s, ".,") {
		s = whole // 9367001.0 or 9367001,0 is exactly that number
	}
	digits := strings.TrimLeft(s, "0")
	switch {
	case s == "":
		return 0, "it is empty: every row needs the id of its group"
	case !utf8.ValidString(s):
		return 0, textFault(s)
	case strings.Trim(s, "0123456789") != "":
		return 0, notDigits(s)
	case digits == "":
		return 0, quote.Text(s) + " is the store's default group, which cannot be changed: delete the row"
	case len(digits) > 10:
		return 0, tooLarge(s)
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id > maxGroupID {
		return 0, tooLarge(s)
	}
	return int32(id), ""
}

func tooLarge(s string) string {
	return fmt.Sprintf("%s is greater than any group id, which is at most %d: look it up in the store", quote.Text(s), maxGroupID)
}

// DamagedNumber is the reason why a number that a spreadsheet shortened is not sent.
const DamagedNumber = " was shortened by a spreadsheet, and digits are lost: copy it again from the original, into a column formatted as text"

// isGrouped reports whether a number has one of these separators between groups of three digits.
func isGrouped(s, signs string) bool {
	groups := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(signs, r) })
	for i, g := range groups {
		if strings.Trim(g, "0123456789") != "" || len(g) > 3 || i > 0 && len(g) != 3 {
			return false
		}
	}
	return len(groups) > 1 && strings.Count(s, "")-1 == len(strings.Join(groups, ""))+len(groups)-1
}

// notDigits returns what is wrong with an id that does not consist of digits.
func notDigits(s string) string {
	if isGrouped(s, ",.' \u00a0\u2009\u202f’") {
		return quote.Text(s) + " has separators between its digits: a group id is digits only, so format the column as a number without them"
	}
	if lostDigits.MatchString(s) {
		return quote.Text(s) + DamagedNumber
	}
	number, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	isDecimal := (err == nil || errors.Is(err, strconv.ErrRange)) && strings.Trim(s, "0123456789.,eE+-") == ""
	switch {
	case isDecimal && s[0] == '-':
		return quote.Text(s) + " is negative: a group id has no sign"
	case isDecimal && s[0] == '+':
		return quote.Text(s) + " has a sign: a group id is digits only"
	case isDecimal && strings.ContainsAny(s, "eE"):
		return quote.Text(s) + " is in scientific notation, and digits may be lost: copy the id again from the store"
	case isDecimal && number != math.Trunc(number):
		return quote.Text(s) + " is a fraction: a group id is a whole number"
	case isDecimal:
		return quote.Text(s) + " has a decimal point: a group id is digits only"
	case strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf && unicode.IsDigit(r) }):
		return quote.Text(s) + " has digits other than 0 to 9: use only 0 to 9"
	}
	return quote.Text(s) + " is not a number: a group id is digits only"
}

// textFault returns why a value cannot be sent, or "".
func textFault(s string) string {
	if fault := spreadsheetFault(s); fault != "" {
		return fault
	}
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return decodedText{}.unreadable(s).Reason
			}
			return "it contains U+FFFD in place of a letter that was lost when the file was converted: copy the text again from the original"
		case r == '\n', r == '\r':
			return "it contains a line break: put the text on one line"
		case r == '\t':
			return "it contains a tab: remove it"
		case unicode.IsControl(r):
			return fmt.Sprintf("it contains the control character U+%04X: remove it", r)
		}
	}
	return ""
}
