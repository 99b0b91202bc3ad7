package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"groupsync/sync/groupfile"
)

// columns are the fields of the input.
var columns = []string{groupfile.ColumnGroupID, groupfile.ColumnName, groupfile.ColumnExternalID}

// readingFlags select the file with the rows, and how it is read.
type readingFlags struct {
	File string `arg:"" help:"CSV or Excel (xlsx) file with the groups; \"-\" is standard input."`

	Column     map[string]string `group:"Input" mapsep:"none" placeholder:"FIELD=HEADER" help:"The header of the column that holds a field, if it is not recognized: groupId=\"Kd-Gruppe Nr\". May be repeated."`
	HeaderRow  int               `group:"Input" placeholder:"N" help:"Line of the header. Default: the first row that names the columns, within the first 20 rows."`
	Encoding   string            `group:"Input" placeholder:"NAME" help:"Encoding of a CSV file, such as windows-1252. Default: detected from the byte order mark, else UTF-8."`
	Delimiter  string            `group:"Input" placeholder:"CHAR" help:"Delimiter of a CSV file, or of the results that sync writes for an xlsx file: one of , ; | tab. Default: detected from the header."`
	Sheet      string            `group:"Input" placeholder:"NAME" help:"Sheet of an xlsx file, by name or number. Default: the first visible one."`
	SpoolLimit byteSize          `group:"Input" default:"1GiB" placeholder:"SIZE" help:"Maximum size of the temporary copy of a pipe that must be read twice (${default})."`
	Tidy       bool              `group:"Input" help:"Remove leading and trailing spaces and invisible characters from values, and send them in Unicode normalization form C (NFC)."`

	Key   string `group:"Changes" enum:"groupId,name,externalReferenceId" default:"groupId" placeholder:"COLUMN" help:"The column that identifies the groups. If it is name or externalReferenceId, sync looks its values up in the store, and does not send them."`
	Blank string `group:"Changes" enum:"keep,clear" default:"keep" help:"What an empty externalReferenceId does: keep the value in the store, or clear it. An empty name always keeps the name in the store."`
}

// inputFlags are the flags for the input of sync and plan.
type inputFlags struct {
	readingFlags

	MinRows int `group:"Input" placeholder:"N" help:"Send nothing if the input has fewer rows than this, for example because an export failed halfway."`
}

// name returns the name of the input in messages.
func (f *readingFlags) name() string {
	if f.File == "-" {
		return "standard input"
	}
	return f.File
}

// openRows reads the header of the input, and checks --min-rows. It checks the encoding of the whole input first, if that
// can be read twice.
func (f *inputFlags) openRows(ctx context.Context, in *input, spool groupfile.SpoolOptions) (*groupfile.Input, error) {
	o, err := f.options(in)
	if err != nil {
		return nil, err
	}
	o.CheckEncoding, o.Spool = true, spool
	in.rows, err = groupfile.NewInput(ctx, in, o)
	if err != nil {
		return nil, err
	}
	return in.rows, f.checkMinRows(ctx, in.rows)
}

// checkMinRows returns an error if the input has fewer rows than --min-rows asks for.
func (f *inputFlags) checkMinRows(ctx context.Context, in *groupfile.Input) error {
	if f.MinRows < 0 {
		return fmt.Errorf("--min-rows is %d: it must not be negative", f.MinRows)
	}
	if f.MinRows == 0 {
		return nil
	}
	return in.Again(ctx, func(r *groupfile.Reader) error {
		rows := 0
		for _, err := range r.All() {
			if err != nil {
				return err
			}
			if rows++; rows == f.MinRows {
				return nil
			}
		}
		return f.tooFewRows(rows)
	})
}

// tooFewRows returns an error if rows is less than --min-rows asks for.
func (f *inputFlags) tooFewRows(rows int) error {
	if rows >= f.MinRows {
		return nil
	}
	return fmt.Errorf("%s has %s, and --min-rows requires at least %d: nothing was sent", f.name(), counted(rows, "row"), f.MinRows)
}

// options returns how the input is read.
func (f *readingFlags) options(in *input) (groupfile.ReaderOptions, error) {
	for column := range f.Column {
		if !slices.Contains(columns, column) {
			return groupfile.ReaderOptions{}, fmt.Errorf("--column %s=…: there is no such field; the fields are %s", column, strings.Join(columns, ", "))
		}
	}
	if f.HeaderRow < 0 {
		return groupfile.ReaderOptions{}, fmt.Errorf("--header-row is %d: it must not be negative", f.HeaderRow)
	}
	key := f.Key
	if key == "groupId" {
		key = ""
	}
	return groupfile.ReaderOptions{
		Name: f.name(), File: in.file,
		Columns: f.Column, HeaderRow: f.HeaderRow, Encoding: f.Encoding, Delimiter: f.Delimiter, Sheet: f.Sheet, Tidy: f.Tidy,
		ClearBlank: f.Blank == "clear", Key: key,
	}, nil
}

// countRows returns the number of rows of the input.
func countRows(in *groupfile.Reader) (rows int, err error) {
	for _, err := range in.All() {
		if err != nil {
			return 0, err
		}
		rows++
	}
	return rows, nil
}
