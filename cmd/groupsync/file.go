package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"groupsync/sync/groupfile"

	"github.com/alecthomas/kong"
)

// columns are the fields of the input.
var columns = []string{"groupId", "name", "externalReferenceId"}

// readingFlags say which file brings the rows, and how it is understood.
type readingFlags struct {
	File string `arg:"" help:"CSV or Excel (xlsx) file with the groups; \"-\" is standard input."`

	Column     map[string]string `scope:"run" group:"Reading" mapsep:"none" placeholder:"FIELD=HEADER" help:"Which column is groupId, name or externalReferenceId, as in groupId=\"Kd-Gruppe Nr\", where the header does not tell."`
	Encoding   string            `scope:"run" group:"Reading" placeholder:"NAME" help:"Encoding of a CSV file, as in windows-1252. Default: by its byte order mark, else UTF-8."`
	Delimiter  string            `scope:"run" group:"Reading" placeholder:"CHAR" help:"What separates the cells of a CSV file: one of , ; | tab. Default: found in the header."`
	Sheet      string            `scope:"run" group:"Reading" placeholder:"NAME" help:"Which sheet of an xlsx file, by its name or its number. Default: the first that is visible."`
	SpoolLimit byteSize          `group:"Reading" default:"1GiB" placeholder:"SIZE" help:"How much of a pipe is copied to a temporary file when it has to be read twice (${default})."`
	Tidy       bool              `group:"Reading" help:"Send texts without blanks around them, without zero-width marks, and in Unicode's normal form C."`

	Key   string `group:"What to change" enum:"groupId,name,externalReferenceId" default:"groupId" placeholder:"COLUMN" help:"By which column the groups are found: name and externalReferenceId are looked up in the store, and not sent."`
	Blank string `group:"What to change" enum:"keep,clear" default:"keep" help:"What an empty externalReferenceId means: keep the store's, or clear it. An empty name always keeps it."`
}

// inputFlags are those, and which of the rows are meant.
type inputFlags struct {
	Only []string `scope:"run" group:"Results" enum:"updated,unchanged,not_updated,invalid,failed" placeholder:"STATUS" help:"Of a results file as FILE, send only the rows of these statuses: failed,invalid for those to be corrected."`

	readingFlags
}

// checkOnly keeps "--only=$statuses" of a script, where there are none, from meaning all rows.
func (f *inputFlags) checkOnly(command *kong.Context) error {
	if len(f.Only) == 0 && isGiven(command, "only") {
		return errors.New("--only names no status, as in failed,invalid")
	}
	return nil
}

// name is what messages call the input.
func (f *readingFlags) name() string {
	if f.File == "-" {
		return "standard input"
	}
	return f.File
}

// understand reads the input's header. First it looks through the whole of it, if that can be read twice.
func (f *inputFlags) understand(ctx context.Context, in *input, spool groupfile.SpoolOptions) (*groupfile.Input, error) {
	o, err := f.options(in)
	if err != nil {
		return nil, err
	}
	o.Only, o.CheckEncoding, o.Spool = f.Only, true, spool
	in.rows, err = groupfile.NewInput(ctx, in, o)
	return in.rows, err
}

// options say how the input is to be understood.
func (f *readingFlags) options(in *input) (groupfile.ReaderOptions, error) {
	for column := range f.Column {
		if !slices.Contains(columns, column) {
			return groupfile.ReaderOptions{}, fmt.Errorf("--column %s=…: there is no such field; the fields are %s", column, strings.Join(columns, ", "))
		}
	}
	key := f.Key
	if key == "groupId" {
		key = ""
	}
	return groupfile.ReaderOptions{
		Name: f.name(), File: in.file,
		Columns: f.Column, Encoding: f.Encoding, Delimiter: f.Delimiter, Sheet: f.Sheet, Tidy: f.Tidy,
		ClearBlank: f.Blank == "clear", Key: key,
	}, nil
}

// count is the number of rows.
func count(in *groupfile.Reader) (rows int, err error) {
	for _, err := range in.All() {
		if err != nil {
			return 0, err
		}
		rows++
	}
	return rows, nil
}
