package groupfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// readerFunc is a function that implements [io.Reader].
type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// If the file changes while a block is read, the block is dropped, and no further block is read.
func TestWatchDropsBlockOfChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "groups.csv")
	if err := os.WriteFile(path, make([]byte, 271), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := newWatch(f, "groups.csv")
	if err != nil {
		t.Fatal(err)
	}
	reads := 0
	in := watched{readerFunc(func(p []byte) (int, error) {
		if reads++; reads == 2 {
			if err := os.WriteFile(path, []byte("groupId,name\n"), 0o600); err != nil {
				t.Error(err)
			}
		}
		return copy(p, "block"), io.EOF
	}), w}
	for i, want := range []int{5, 0, 0} {
		n, err := in.Read(make([]byte, 10))
		if n != want {
			t.Errorf("read %d has %d bytes, want %d", i+1, n, want)
		}
		if i == 0 {
			continue
		}
		changed, ok := errors.AsType[*InputChangedError](err)
		if !ok || changed.Input != "groups.csv" || !strings.Contains(changed.Change, "and is now 13") {
			t.Errorf("read %d: got %v", i+1, err)
		}
	}
	if reads != 2 {
		t.Errorf("%d blocks were read", reads)
	}
}

// A pipe has no size or modification time to compare.
func TestWatchPipe(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer out.Close()
	for _, f := range []*os.File{in, nil} {
		if w, err := newWatch(f, "pipe"); w != nil || err != nil {
			t.Errorf("got %v, %v", w, err)
		}
	}
}
