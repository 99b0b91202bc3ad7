package groupfile

import (
	"context"
	"errors"
	"fmt"
	"io"

	"groupsync/sync/internal/spool"
)

// Input is the input of a run. A file is opened once, and read through the same open file each time, so the rows of
// the plan are the rows that are sent. If a regular file changes while it is used, reads fail with an
// [*InputChangedError].
type Input struct {
	options ReaderOptions
	watch   *watch // nil: not a regular file
	reader  *Reader
	again   *io.SectionReader // nil: it can be read only once
	spool   *spool.Spool      // nil: the input is not copied
}

// NewInput reads the header of an input, and checks the encoding of the whole input if the options ask for it. The
// input can be read again if the options name it as a regular file, if it is in memory, like a [bytes.Reader], or if
// the options ask for a copy. Its errors are those of [NewReader], and [*SpoolLimitError] and [*SpoolError].
func NewInput(ctx context.Context, in io.Reader, o ReaderOptions) (*Input, error) {
	w, err := newWatch(o.File, o.Name)
	if err != nil {
		return nil, err
	}
	input := &Input{options: o, watch: w, again: repeatable(in, o, w)}
	if input.again == nil && o.Spool.Always {
		ctx, stop := context.WithCancel(ctx)
		input.spool, err = copyToSpool(newInterruptible(ctx, in, deadlines(in, o)), o.Name, o.Spool)
		stop()
		if err != nil {
			return nil, err
		}
		input.again = section(input.spool)
		in = section(input.spool)
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

// repeatable returns an input that can be read again without a copy, or nil. It does not include the watch.
func repeatable(in io.Reader, o ReaderOptions, w *watch) *io.SectionReader {
	if w != nil {
		return io.NewSectionReader(o.File, 0, w.begin.Size())
	}
	if m, ok := in.(interface {
		io.ReaderAt
		Size() int64
	}); ok {
		return io.NewSectionReader(m, 0, m.Size())
	}
	return nil
}

// Reader returns the reader that has read the header. Its rows can be read once.
func (in *Input) Reader() *Reader { return in.reader }

// Repeatable reports whether the input can be read again.
func (in *Input) Repeatable() bool { return in.again != nil }

// Again calls read with a new reader of the input. Several readers may be used at a time.
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

// Close closes the input's reader and removes its copy. The file itself is left open.
func (in *Input) Close() error { return errors.Join(in.reader.Close(), in.closeSpool()) }

func (in *Input) closeSpool() error {
	if in.spool == nil {
		return nil
	}
	return in.spool.Close()
}
