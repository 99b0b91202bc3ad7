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
	Key string
	// Untidy: a text of the row has blanks around it, no-break spaces, marks that do not show, or is not in
	// Unicode's normal form C; it is sent as it stands unless the reader was told to tidy.
	Untidy bool
	// Err says why the row cannot be sent: a *RowError, or nil.
	Err error
	// unsendable is what a row with Err asks for, if it is only a value that cannot be sent: the group may hold that
	// already. It is zero for any other row.
	Unsendable unsendable
}

type unsendable struct {
	ID     int32
	Update ecwid.CustomerGroupUpdate
}

// group is what rows of one group have in common before the store's groups are known: their key or, without
// one, their id.
func (row *Row) Group() string {
	if row.Key != "" {
		return row.Key
	}
	return strconv.Itoa(int(row.ID))
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
func (row *Row) understand(clearBlank, tidy bool, key string) {
	if err := row.parse(clearBlank, tidy, key); err != nil {
		row.Fail(err)
	}
}

// misread makes the row one that can't be sent because its cells may not be what they were meant to be. Of
// these only groupId is kept: the results echo them, and would send them if they came back uncorrected.
func (row *Row) misread(err error) {
	row.Cells = Cells{GroupID: row.GroupID}
	row.Fail(err)
}

// fail makes the row one that can't be sent. Bytes that are not UTF-8 go from its cells: the results are UTF-8.
func (row *Row) Fail(err error) {
	row.Err = err
	for _, cell := range []*string{&row.GroupID, &row.Name, &row.ExternalReferenceID} {
		*cell = strings.ToValidUTF8(*cell, string(utf8.RuneError))
	}
	row.ID, row.Update = 0, ecwid.CustomerGroupUpdate{}
}

func (row *Row) parse(clearBlank, tidy bool, key string) error {
	var fault error // of a value that the group may hold already
	name, externalID := row.Name, row.ExternalReferenceID
	if tidy {
		name, externalID = tidied(name), tidied(externalID)
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
		return &RowError{key, "it is empty: there is no telling which group is meant"}
	}
	if row.Update == (ecwid.CustomerGroupUpdate{}) {
		return &RowError{Reason: "there is nothing to send: name and externalReferenceId are empty"}
	}
	return nil
}

// isBlank reports whether a cell holds nothing but blanks, which makes it an empty cell.
func IsBlank(s string) bool { return strings.TrimSpace(s) == "" }

// maxGroupID is the widest id that Ecwid's own client holds: a wider one might be narrowed onto another group.
const maxGroupID = math.MaxInt32

// parseGroupID reads a group id, or says what is wrong with it. It is strict, because the server might read
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
		return 0, quote.Text(s) + " is the store's default group, which is not changed: take the row out"
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
	return fmt.Sprintf("%s is greater than any group id, which is at most %d: look it up in the store", quote.Text(s), maxGroupID)
}

// damagedNumber is said of a number that a spreadsheet has shortened.
const DamagedNumber = " is damaged by the spreadsheet, digits are lost: take it from the original again, in a column formatted as text"

// isGrouped reports whether a number is written with these signs between groups of three digits.
func isGrouped(s, signs string) bool {
	groups := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(signs, r) })
	for i, g := range groups {
		if strings.Trim(g, "0123456789") != "" || len(g) > 3 || i > 0 && len(g) != 3 {
			return false
		}
	}
	return len(groups) > 1 && strings.Count(s, "")-1 == len(strings.Join(groups, ""))+len(groups)-1
}

// notDigits says what else an id that does not consist of digits is.
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
		return quote.Text(s) + " is in scientific notation: a spreadsheet may have lost digits of the id, take it from the store again"
	case isDecimal && number != math.Trunc(number):
		return quote.Text(s) + " is a fraction: a group id is a whole number"
	case isDecimal:
		return quote.Text(s) + " has a decimal point: a group id is digits only"
	case strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf && unicode.IsDigit(r) }):
		return quote.Text(s) + " has other digits than 0 to 9: write it with these"
	}
	return quote.Text(s) + " is not a number: a group id is digits only"
}

// textFault says what in a text can't be sent, or "".
func textFault(s string) string {
	if fault := spreadsheetFault(s); fault != "" {
		return fault
	}
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return text{}.unreadable(s)
			}
			return "it holds U+FFFD, which stands for a letter that was lost when the file was converted: take the text from the original"
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
