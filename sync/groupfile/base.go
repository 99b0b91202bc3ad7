package groupfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"groupsync/ecwid"
	"groupsync/sync/quote"
)

// goodStatuses are the statuses of rows in a results file whose values are those of the store.
var goodStatuses = []string{"updated", "unchanged"}

// StoreError reports a file, or a line of a file, that belongs to another store.
type StoreError struct {
	Input string
	Line  int // 0: the whole file
	// StoreID is the store of the file or line, and Want the store of the run.
	StoreID, Want string
}

func (e *StoreError) Error() string {
	subject := "the file"
	if e.Line > 0 {
		subject = fmt.Sprintf("line %d", e.Line)
	}
	return fmt.Sprintf("%s: %s belongs to store %s, not to store %s", e.Input, subject, quote.Text(e.StoreID), quote.Text(e.Want))
}

// BaseFile is a file with the values that the groups of a store had earlier: a file of groups, or the results of a run.
type BaseFile struct {
	ctx     context.Context
	input   *Input
	hidden  *WorkbookBase // nil if the file has no hidden sheet
	storeID string
}

// OpenBase opens a file as the base of a run. It reads the file to its end, so that all errors are found before the run.
//
// An empty externalReferenceId means that the group had none. In a results file, an empty cell means that the value is
// unknown, and only rows with the status updated or unchanged count. If a workbook has a hidden sheet with the pulled
// values, the rows of its other sheets are ignored. An invalid row is an error, unless it is the row of the default
// group, or its only fault is a value that cannot be sent. Rows identify their groups by the key of the options only if
// there is no column groupId.
//
// The errors are those of [NewInput], [*StoreError] and [*WorkbookBaseError].
func OpenBase(ctx context.Context, in io.Reader, o ReaderOptions, storeID string) (*BaseFile, error) {
	o.base, o.ClearBlank, o.CheckEncoding, o.Spool.Always = true, true, true, true
	input, err := NewInput(ctx, in, o)
	if err != nil {
		return nil, err
	}
	f := &BaseFile{ctx: ctx, input: input, storeID: storeID}
	if f.hidden, err = input.WorkbookBase(ctx); err == nil && f.hidden != nil {
		err = f.hidden.CheckStore(o.Name, storeID)
	}
	if err == nil && f.hidden == nil {
		err = f.read(input.Reader(), func(Row) bool { return true })
	}
	if err != nil {
		return nil, errors.Join(err, input.Close())
	}
	return f, nil
}

// CheckStore returns a [*StoreError] that names the input if the groups belong to another store.
func (b *WorkbookBase) CheckStore(input, storeID string) error {
	if b.StoreID != storeID {
		return &StoreError{Input: input, StoreID: b.StoreID, Want: storeID}
	}
	return nil
}

// Close closes the reader and removes the copy of the file. It does not close the file.
func (f *BaseFile) Close() error { return f.input.Close() }

// Pulled returns when the values were pulled, or the zero time if the file does not say so.
func (f *BaseFile) Pulled() time.Time {
	if f.hidden == nil {
		return time.Time{}
	}
	return f.hidden.Pulled
}

// Rows returns a row for each group in the file. A value that a row does not set is unknown.
func (f *BaseFile) Rows() iter.Seq2[Row, error] {
	if f.hidden != nil {
		return f.hidden.Rows()
	}
	return func(yield func(Row, error) bool) {
		stopped := false
		err := f.input.Again(f.ctx, func(r *Reader) error {
			return f.read(r, func(row Row) bool {
				stopped = !yield(row, nil)
				return !stopped
			})
		})
		if err != nil && !stopped {
			yield(Row{}, err)
		}
	}
}

// read calls each for the rows that have a value, until each returns false.
func (f *BaseFile) read(r *Reader, each func(Row) bool) error {
	for row, err := range r.All() {
		_, rowFault := errors.AsType[*RowError](row.Err)
		switch {
		case err != nil:
			return err
		case r.statusDecoder != nil && r.lastStatus.StoreID != f.storeID:
			return &StoreError{f.input.options.Name, row.Line, r.lastStatus.StoreID, f.storeID}
		case isDefaultGroup(row.GroupID), row.Err == errNothingToSend[r.options.Key]:
		case rowFault && row.Unsendable == nil && r.options.Key == "":
			return &InputError{f.input.options.Name, row.Line, row.Err}
		default:
			// Results have the values before Tidy, and the store may have those after it. Any other file has those of
			// the store.
			row.Untidy = row.Untidy && r.statusDecoder != nil
			if !each(row) {
				return nil
			}
		}
	}
	return nil
}

// isDefaultGroup reports whether a group id is 0, the store's default group.
func isDefaultGroup(groupID string) bool {
	digits := strings.TrimSpace(groupID)
	return digits != "" && strings.Trim(digits, "0") == ""
}

// Rows returns a row for each group.
func (b *WorkbookBase) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for g, err := range b.Groups {
			if !yield(rowOfGroup(g), err) {
				return
			}
		}
	}
}

// rowOfGroup returns a row whose update has the values of the group.
func rowOfGroup(g ecwid.CustomerGroup) Row {
	return Row{ID: g.ID, Update: ecwid.CustomerGroupUpdate{
		Name: ecwid.String(g.Name), ExternalReferenceID: ecwid.String(g.ExternalReferenceID),
	}}
}

// findBaseColumns finds the columns of a base. The base need not have the columns in the options, or the key.
func findBaseColumns(header []string, o ReaderOptions) ([]string, error) {
	o.base = false
	for _, columns := range []map[string]string{o.Columns, nil} {
		byID := o
		byID.Columns, byID.Key = columns, ""
		if names, err := findColumns(header, byID); err == nil {
			return names, nil
		}
	}
	o.Columns = nil
	return findColumns(header, o)
}

// setBaseOptions sets the options that depend on the header of a base.
func (r *Reader) setBaseOptions(header candidate) {
	if isResults(header.cells) {
		r.options.ClearBlank, r.options.statuses = false, goodStatuses
	}
	if slices.Contains(header.names, ColumnGroupID) {
		r.options.Key = ""
	}
}
