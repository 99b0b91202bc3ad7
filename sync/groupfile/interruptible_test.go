package groupfile

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"go.uber.org/goleak"
)

// blockingReader is an input whose reads wait until open is closed.
type blockingReader struct {
	open  chan struct{}
	reads int
}

func (r *blockingReader) Read(p []byte) (int, error) {
	r.reads++
	<-r.open
	return copy(p, "late"), nil
}

// After a read is canceled, no other read begins, and the canceled one does not write to the caller's buffer.
func TestInterruptibleReadsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		stopped := errors.New("stopped")
		in := &blockingReader{open: make(chan struct{})}
		i := newInterruptible(ctx, in, nil)
		buf := make([]byte, 10)
		go func() {
			synctest.Wait()
			cancel(stopped)
		}()
		for range 100 {
			if n, err := i.Read(buf); n != 0 || err != stopped {
				t.Fatalf("got %d, %v", n, err)
			}
		}
		close(in.open)
		synctest.Wait()
		if in.reads != 1 || buf[0] != 0 {
			t.Errorf("%d reads, and %q in the buffer of the canceled read", in.reads, buf)
		}
	})
}

func TestInterruptibleReadsAll(t *testing.T) {
	text := strings.Repeat("groups", 100_000)
	for name, in := range map[string]io.Reader{
		"at once":                   strings.NewReader(text),
		"with the end of the input": iotest.DataErrReader(strings.NewReader(text)),
		"in parts":                  iotest.HalfReader(strings.NewReader(text)),
	} {
		got, err := io.ReadAll(newInterruptible(t.Context(), in, in))
		if err != nil || string(got) != text {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

// Close ends a read from an idle pipe, and its goroutine.
func TestCloseEndsWaitingRead(t *testing.T) {
	before := goleak.IgnoreCurrent()
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.WriteString("groupId,name\n1,a\n"); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(t.Context(), in, ReaderOptions{Name: "pipe", File: in})
	if err != nil {
		t.Fatal(err)
	}
	if row, err := r.Next(); err != nil || row.ID != 1 {
		t.Fatalf("got %v, %v", row, err)
	}
	ended := make(chan error)
	go func() {
		_, err := r.Next()
		ended <- err
	}()
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, errClosed) {
		t.Errorf("got %v", err)
	}
	goleak.VerifyNone(t, before)
	if err := errors.Join(in.Close(), out.Close()); err != nil {
		t.Error(err)
	}
}
