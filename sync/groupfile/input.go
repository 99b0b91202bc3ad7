package groupfile

import (
	"context"
	"errors"
	"fmt"
	"io"

	"groupsync/sync/internal/spool"
)

// Input is the input of a run. A file is opened once and always read through that open file, so the rows of the plan are
// the rows that are sent. If a regular file changes in the meantime, reads fail with an [*InputChangedError].
type Input struct {
	options ReaderOptions
	watch   *watch // nil unless the input is a regular file
	reader  *Reader
	again   *io.SectionReader // nil if the input can be read only once
	spool   *spool.Spool      // the copy of the input, or nil
}

// NewInput reads the header of an input, and checks the encoding of the whole input if the options say so. The input can
// be read again if [ReaderOptions.File] is a regular file, if the input is in memory, such as a [bytes.Reader], or if the
// options require a copy. The errors are those of [NewReader].
func NewInput(ctx context.Context, in io.Reader, o ReaderOptions) (*Input, error) {
	w, err := newWatch(o.File, o.Name)
	if err != nil {
		return nil, err
	}
	input := &Input{options: o, watch: w, again: randomAccess(in, o, w)}
	if input.again == nil && o.Spool.Always {
		ctx, stop := context.WithCancel(ctx)
		input.spool, err = copyToSpool(newInterruptible(ctx, in, deadlineSource(in, o)), o.Name, o.Spool)
		stop()
		if err != nil {
			return nil, err
		}
		input.again = sectionOf(input.spool)
		in = sectionOf(input.spool)
	}
	input.reader, err = newReader(ctx, in, o, w, input.again)
	if err != nil {
		return nil, errors.Join(err, input.closeSpool())
	}
	if input.again == nil {
		input.again = input.reader.workbook // a workbook from a pipe was copied as a whole
	}
	return input, nil
}

// randomAccess returns a reader of the whole input, or nil if the input can be read only once. Its reads are not watched.
func randomAccess(in io.Reader, o ReaderOptions, w *watch) *io.SectionReader {
	if w != nil {
		return io.NewSectionReader(o.File, 0, w.initial.Size())
	}
	if m, ok := in.(interface {
		io.ReaderAt
		Size() int64
	}); ok {
		return io.NewSectionReader(m, 0, m.Size())
	}
	return nil
}

// Reader returns the reader that has read the header. Its rows can be read only once.
func (in *Input) Reader() *Reader { return in.reader }

// Repeatable reports whether the input can be read again.
func (in *Input) Repeatable() bool { return in.again != nil }

// Again calls read with a new reader of the input. Several readers may be used at the same time.
func (in *Input) Again(ctx context.Context, read func(*Reader) error) error {
	if !in.Repeatable() {
		return fmt.Errorf("%s can be read only once", in.options.Name)
	}
	o := in.options
	o.CheckEncoding = false
	r, err := newReader(ctx, io.NewSectionReader(in.again, 0, in.again.Size()), o, in.watch, in.again)
	if err != nil {
		return err
	}
	return errors.Join(read(r), r.Close())
}

// Changed returns an error if the input is a regular file that has changed since it was opened.
func (in *Input) Changed() error {
	if in.watch == nil {
		return nil
	}
	return in.watch.check()
}

// Close closes the reader and removes the copy of the input. It does not close the file.
func (in *Input) Close() error { return errors.Join(in.reader.Close(), in.closeSpool()) }

func (in *Input) closeSpool() error {
	if in.spool == nil {
		return nil
	}
	return in.spool.Close()
}
