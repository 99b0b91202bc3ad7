package groupfile

import (
	"context"
	"io"
	"time"

	"groupsync/sync/internal/csvrecord"
)

// interruptible is a reader whose reads end with ctx. Where the read itself can't be ended, as that from an
// idle pipe may not, it is left behind with a buffer of its own, and no other read follows it.
type interruptible struct {
	ctx context.Context
	r   io.Reader
	// deadline ends a read of the input where that is possible; nil if it never is.
	deadline func(time.Time) error
	buf      []byte
}

// newInterruptible makes the reads of r end with ctx. The input is what r reads from in the end: if it knows
// deadlines, as pipes and connections do, no read of it is left behind.
func newInterruptible(ctx context.Context, r io.Reader, input any) *interruptible {
	i := &interruptible{ctx: ctx, r: r}
	if d, ok := input.(interface{ SetReadDeadline(time.Time) error }); ok {
		i.deadline = d.SetReadDeadline
	}
	return i
}

// deadlines returns what may end the reads of an input.
func deadlines(in io.Reader, o ReaderOptions) any {
	if o.File != nil {
		return o.File // in may only wrap it
	}
	return in
}

func (i *interruptible) Read(p []byte) (int, error) {
	if i.ctx.Err() != nil {
		return 0, context.Cause(i.ctx)
	}
	p = p[:min(len(p), csvrecord.BufferSize)]
	if len(i.buf) < len(p) {
		i.buf = make([]byte, len(p))
	}
	type result struct {
		n   int
		err error
	}
	buf := i.buf[:len(p)]
	done := make(chan result, 1)
	go func() {
		n, err := i.r.Read(buf)
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		return copy(p, buf[:r.n]), r.err
	case <-i.ctx.Done():
		if i.deadline != nil {
			_ = i.deadline(time.Unix(1, 0)) // not every input that has the method knows deadlines
		}
		return 0, context.Cause(i.ctx)
	}
}
