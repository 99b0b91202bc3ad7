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
	"groupsync/internal/quote"
)

// goodStatuses are the statuses of the rows of a results file that say what the store held.
var goodStatuses = []string{"updated", "unchanged"}

// StoreError reports a file that belongs to another store than the one it is used for.
type StoreError struct {
	Input string
	Line  int // 0: the file as a whole
	// StoreID is the store of the file, and Want the one that it is used for.
	StoreID, Want string
}

func (e *StoreError) Error() string {
	where := e.Input
	if e.Line > 0 {
		where = fmt.Sprintf("%s: line %d", e.Input, e.Line)
	}
	return fmt.Sprintf("%s: it belongs to store %s, not to store %s", where, quote.Text(e.StoreID), quote.Text(e.Want))
}

// BaseFile is a file that says what the groups of a store held: a file of groups, or the results of a run.
type BaseFile struct {
	ctx    context.Context
	input  *Input
	base   *Base // nil: the values are those of the rows
	wantID string
}

// OpenBase reads a file as a base of the store, to its end: what is wrong with it is found before it is used.
//
// An empty externalReferenceId means that the group had none. In a results file, an empty externalReferenceId and the
// rows that are not good are ignored. If a workbook holds the values that were pulled, they count, and not its rows. An
// invalid row is an error, unless it is that of the default group, or only has a value that cannot be sent. Rows name
// their groups by the key of the options only if there is no column groupId.
//
// Its errors are those of [NewInput], a [*StoreError] or a [*BaseError].
func OpenBase(ctx context.Context, in io.Reader, o ReaderOptions, storeID string) (*BaseFile, error) {
	o.base, o.ClearBlank, o.CheckEncoding, o.Spool.Always = true, true, true, true
	input, err := NewInput(ctx, in, o)
	if err != nil {
		return nil, err
	}
	f := &BaseFile{ctx: ctx, input: input, wantID: storeID}
	if f.base, err = input.Base(ctx); err == nil && f.base != nil {
		err = f.base.CheckStore(o.Name, storeID)
	}
	if err == nil && f.base == nil {
		err = f.read(input.Reader(), func(Row) bool { return true })
	}
	if err != nil {
		return nil, errors.Join(err, input.Close())
	}
	return f, nil
}

// CheckStore returns a [*StoreError] if the base of the input is of another store.
func (b *Base) CheckStore(input, storeID string) error {
	if b.StoreID != storeID {
		return &StoreError{Input: input, StoreID: b.StoreID, Want: storeID}
	}
	return nil
}

// Close closes the file's reader and removes its copy. The file itself is left open.
func (f *BaseFile) Close() error { return f.input.Close() }

// Pulled returns when the values were pulled; zero if the file does not say.
func (f *BaseFile) Pulled() time.Time {
	if f.base == nil {
		return time.Time{}
	}
	return f.base.Pulled
}

// Rows returns a row for each group that the file knows. What a row does not set is not known.
func (f *BaseFile) Rows() iter.Seq2[Row, error] {
	if f.base != nil {
		return f.base.Rows()
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

// read calls each for the rows that say something, until it returns false.
func (f *BaseFile) read(r *Reader, each func(Row) bool) error {
	for row, err := range r.All() {
		_, rowFault := errors.AsType[*RowError](row.Err)
		switch {
		case err != nil:
			return err
		case r.status != nil && r.record.StoreID != f.wantID:
			return &StoreError{f.input.options.Name, row.Line, r.record.StoreID, f.wantID}
		case isDefaultGroup(row.GroupID), row.Err == errNothingToSend:
		case rowFault && row.Unsendable.ID == 0 && r.options.Key == "":
			return &InputError{f.input.options.Name, row.Line, row.Err}
		default:
			// A run may have sent the values of its results tidied. Any other file has what the store held.
			row.Untidy = row.Untidy && r.status != nil
			if !each(row) {
				return nil
			}
		}
	}
	return nil
}

// isDefaultGroup reports whether a groupId is that of the store's default group.
func isDefaultGroup(groupID string) bool {
	digits := strings.TrimSpace(groupID)
	return digits != "" && strings.Trim(digits, "0") == ""
}

// Rows returns a row for each group of the base.
func (b *Base) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for g, err := range b.Groups {
			if !yield(rowOf(g), err) {
				return
			}
		}
	}
}

// rowOf returns the row that asks for what the group holds.
func rowOf(g ecwid.CustomerGroup) Row {
	return Row{ID: g.ID, Update: ecwid.CustomerGroupUpdate{
		Name: ecwid.String(g.Name), ExternalReferenceID: ecwid.String(g.ExternalReferenceID),
	}}
}

// findBaseColumns finds the columns of a base. The columns that are chosen for the input need not be in it, nor does
// the key.
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

// readAsBase changes the options for a base with this header.
func (r *Reader) readAsBase(header candidate) {
	if isResults(header.cells) {
		r.options.ClearBlank, r.options.only = false, goodStatuses
	}
	if slices.Contains(header.names, ColumnGroupID) {
		r.options.Key = ""
	}
}
