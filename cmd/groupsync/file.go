package main

import (
	"context"
	"errors"

	"groupsync/sync"
)

// inputFlags say which file brings the rows, and how it is understood.
type inputFlags struct {
	File string `arg:"" help:"CSV or Excel (xlsx) file with the groups; \"-\" is standard input."`

	Only []sync.Status `group:"Results" enum:"updated,unchanged,not_updated,invalid,failed" placeholder:"STATUS" help:"Of a results file as FILE, send only the rows of these statuses: failed,invalid for those to be corrected."`

	Sheet string `group:"Reading" placeholder:"NAME" help:"Which sheet of an xlsx file, by its name or its number. Default: the first that is visible."`

	Key   string `group:"What to change" enum:"groupId,name,externalReferenceId" default:"groupId" placeholder:"COLUMN" help:"By which column the groups are found: name and externalReferenceId are looked up in the store, and not sent."`
	Blank string `group:"What to change" enum:"keep,clear" default:"keep" help:"What an empty externalReferenceId means: keep the store's, or clear it. An empty name always keeps it."`
}

// name is what messages call the input.
func (f *inputFlags) name() string {
	if f.File == "-" {
		return "standard input"
	}
	return f.File
}

// reader understands the input.
func (f *inputFlags) reader(ctx context.Context, in *input) (*sync.Reader, error) {
	key := f.Key
	if key == "groupId" {
		key = ""
	}
	var err error
	in.reader, err = sync.NewReader(ctx, in, sync.ReaderOptions{
		Name: f.name(), ClearBlank: f.Blank == "clear", Key: key, Only: f.Only, Sheet: f.Sheet, File: in.file,
	})
	return in.reader, err
}

// again gives the function that has an input read once more, or nil if that can be read only once.
func (f *inputFlags) again(in *input) func(context.Context, func(*sync.Reader) error) error {
	if !in.isRegular() {
		return nil
	}
	return func(ctx context.Context, read func(*sync.Reader) error) error {
		in, err := openInput(f.File, nil)
		if err != nil {
			return err
		}
		reader, err := f.reader(ctx, in)
		if err == nil {
			err = read(reader)
		}
		return errors.Join(err, in.close())
	}
}

// count is the number of rows.
func count(in *sync.Reader) (rows int, err error) {
	for _, err := range in.All() {
		if err != nil {
			return 0, err
		}
		rows++
	}
	return rows, nil
}
