package groupfile

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Input is what a run reads. It is opened once: a file that can be read again is read through the same open
// file each time, so that what was judged is what is sent. A regular file that changes while it is used ends
// the run with an [*InputChangedError].
type Input struct {
	options ReaderOptions
	watch   *watch // nil: not a regular file
	reader  *Reader
	again   io.ReaderAt // nil: it can be read only once
	size    int64       // of again
}

// NewInput reads the header of an input, and looks through the whole of it if the options say so. The input
// can be read again if the options name it as a regular file, or if it is in memory, as a [bytes.Reader] is.
// Its errors are those of [NewReader].
func NewInput(ctx context.Context, in io.Reader, o ReaderOptions) (*Input, error) {
	w, err := newWatch(o.File, o.Name)
	if err != nil {
		return nil, err
	}
	input := &Input{options: o, watch: w}
	if w != nil {
		input.again, input.size = o.File, w.begin.Size()
	} else if m, ok := in.(interface {
		io.ReaderAt
		Size() int64
	}); ok {
		input.again, input.size = m, m.Size()
	}
	input.reader, err = newReader(ctx, in, o, w)
	if err != nil {
		return nil, err
	}
	return input, nil
}

// Reader returns the reader that has read the header. Its rows can be read once.
func (in *Input) Reader() *Reader { return in.reader }

// Repeatable reports whether the input can be read again.
func (in *Input) Repeatable() bool { return in.again != nil }

// Again has the input read once more from its beginning. Several such readings may go on at a time.
func (in *Input) Again(ctx context.Context, read func(*Reader) error) error {
	if !in.Repeatable() {
		return fmt.Errorf("%s can be read only once", in.options.Name)
	}
	o := in.options
	o.CheckEncoding = false
	r, err := newReader(ctx, io.NewSectionReader(in.again, 0, in.size), o, in.watch)
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

// Close closes the input's reader. The file itself is left open.
func (in *Input) Close() error { return in.reader.Close() }
