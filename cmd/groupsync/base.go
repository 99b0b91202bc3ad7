package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"

	"github.com/alecthomas/kong"
)

// baseFlags select the earlier values of the groups that a file is compared with.
type baseFlags struct {
	Base string `group:"Changes" placeholder:"FILE" help:"The groups as they were before FILE was edited: a pull, a backup or a results file. Only what FILE changes is sent. If FILE changes a value that somebody else has changed in the store since, the row is a conflict, and none of it is sent. Default: the values that a pulled workbook remembers; \"none\" ignores them."`
}

// noBase is the value of --base for no comparison.
const noBase = "none"

// check returns an error if --base names no file. An empty variable in a script must not turn the comparison off.
func (f *baseFlags) check(line *kong.Context) error {
	switch {
	case f.Base == "" && isGiven(line, "base"):
		return errors.New("--base must not be empty")
	case f.Base == "-":
		return errors.New("--base must be a file: standard input is for FILE")
	}
	return nil
}

// targets returns the file of the base, if there is one.
func (f *baseFlags) targets() []target {
	if f.Base == "" || f.Base == noBase {
		return nil
	}
	return []target{{name: "--base", path: f.Base}}
}

// openBase is the base of a comparison, opened for reading. The zero value means that there is none.
type openBase struct {
	rows  iter.Seq2[groupfile.Row, error] // nil: none
	note  string                          // describes the base for a person; "" if there is none
	close func()
}

// open opens the file of --base, or else the base that the input itself contains. It reads the whole base.
func (f *baseFlags) open(ctx context.Context, flags *readingFlags, in *groupfile.Input, storeID string) (openBase, error) {
	none := openBase{close: func() {}}
	if f.Base == "" && in != nil {
		own, err := in.WorkbookBase(ctx)
		if own == nil || err != nil {
			return none, err
		}
		if err := own.CheckStore(flags.name(), storeID); err != nil {
			return none, err
		}
		return openBase{own.Rows(), "compared with " + pulledAt(own.Pulled), none.close}, nil
	}
	if f.Base == "" || f.Base == noBase {
		return none, nil
	}
	file, err := os.Open(f.Base)
	if err != nil {
		return none, fmt.Errorf("the base cannot be read: %w", err)
	}
	base, err := f.read(ctx, flags, file, storeID)
	if err != nil {
		return none, errors.Join(err, file.Close())
	}
	note := "compared with " + f.Base
	if pulled := base.Pulled(); !pulled.IsZero() {
		note += ", " + pulledAt(pulled)
	}
	return openBase{base.Rows(), note, func() {
		base.Close()
		file.Close()
	}}, nil
}

func (f *baseFlags) read(ctx context.Context, flags *readingFlags, file *os.File, storeID string) (*groupfile.BaseFile, error) {
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("the base cannot be read: %s is a folder", f.Base)
	}
	o := groupfile.ReaderOptions{Name: f.Base, File: file, Columns: flags.Column, Spool: flags.spool(true, journal.Results{})}
	if flags.Key != "groupId" {
		o.Key = flags.Key
	}
	base, err := groupfile.OpenBase(ctx, io.Reader(file), o, storeID)
	if header, ok := errors.AsType[*groupfile.HeaderError](err); ok && len(header.Missing) > 0 {
		err = &baseColumnsError{err}
	}
	return base, err
}

// baseColumnsError reports that the base lacks a column. Its hint does not name the flag --column, which is for FILE.
type baseColumnsError struct{ error }

func (e *baseColumnsError) Unwrap() error { return e.error }

// pulledAt describes values by the time at which they were pulled.
func pulledAt(t time.Time) string {
	return "the values pulled at " + t.UTC().Format("2006-01-02 15:04 UTC")
}

// undo returns the command that undoes a finished run, except for what others have changed since. It is "" if the run
// changed nothing, or made no backup.
func (o *output) undo(s sync.Summary, code int) string {
	c := o.command
	finished := code == exitGood || code == exitNotGood
	if !finished || c.Backup == "" || c.Results == "-" || c.Sandbox || s.Rows[journal.Updated] == 0 {
		return ""
	}
	if _, err := os.Stat(c.Backup); err != nil { // nothing was left to do
		return ""
	}
	results := o.job.Results.Path
	words := append([]string{fileArgument(c.Backup), "--blank", "clear", "--base", fileArgument(results)},
		argumentsOf(o.line, func(flag *kong.Flag) bool { return flag == nil || flag.Group == nil || flag.Group.Key != "Store" })...)
	own := resultsOf(c.Backup, ".results.csv")
	switch {
	case own == results:
		words = append(words, "--results", fileArgument(resultsOf(c.Backup, ".undo.results.csv")))
	case c.Results != "" && !isGiven(o.line, "results"): // $GROUPSYNC_RESULTS still names the base of the undo
		words = append(words, "--results", fileArgument(own))
	}
	return o.program.shell.commandLine(commandWords("sync", words))
}
