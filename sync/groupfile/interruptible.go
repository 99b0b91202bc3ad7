package groupfile

import (
	"context"
	"io"
	"time"

	"groupsync/sync/internal/csvrecord"
)

// interruptible is a reader whose reads end when ctx is done. A read that cannot be interrupted, such as a read from an
// idle pipe on some systems, continues in the background with its own buffer, and is the last one.
type interruptible struct {
	ctx context.Context
	r   io.Reader
	// deadline interrupts a read of the input. It is nil if that is not possible.
	deadline func(time.Time) error
	buf      []byte
}

// newInterruptible returns a reader of r whose reads end when ctx is done. The input is what r reads from. If it has read
// deadlines, as pipes and connections do, no read continues in the background.
func newInterruptible(ctx context.Context, r io.Reader, input any) *interruptible {
	i := &interruptible{ctx: ctx, r: r}
	if d, ok := input.(interface{ SetReadDeadline(time.Time) error }); ok {
		i.deadline = d.SetReadDeadline
	}
	return i
}

// deadlineSource returns the file or the reader of an input, which may have read deadlines.
func deadlineSource(in io.Reader, o ReaderOptions) any {
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
			_ = i.deadline(time.Unix(1, 0)) // some files have the method but do not support deadlines
		}
		return 0, context.Cause(i.ctx)
	}
}
