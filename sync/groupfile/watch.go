package groupfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"time"
)

// InputChangedError reports an input file that another program changed while it was being read: the rest of its
// rows may belong to neither version of the file.
type InputChangedError struct {
	// Input is what messages call the file.
	Input string
	// Change is what differs from the beginning of the run.
	Change string
}

func (e *InputChangedError) Error() string {
	return fmt.Sprintf("%s changed while it was being read: %s", e.Input, e.Change)
}

// watch compares a regular file with what it was when the watch began. A nil *watch sees no change.
//
// It cannot see a write in place that keeps the size and comes within the granularity of the file system's
// modification times.
type watch struct {
	name  string
	file  *os.File
	begin fs.FileInfo
	// named reports whether the file's path led to the open file at the beginning.
	named   bool
	changed atomic.Pointer[InputChangedError] // the first change
}

// newWatch begins to watch a file. It returns nil for no file, and for one that is not regular.
func newWatch(file *os.File, name string) (*watch, error) {
	if file == nil {
		return nil, nil
	}
	begin, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if !begin.Mode().IsRegular() {
		return nil, nil
	}
	there, err := os.Stat(file.Name())
	return &watch{name: name, file: file, begin: begin, named: err == nil && os.SameFile(begin, there)}, nil
}

// check returns an error if the file has changed. Once it has, every further check fails.
func (w *watch) check() error {
	if w.err() == nil {
		change, err := w.compare()
		if err != nil {
			return err
		}
		if change != "" {
			w.changed.CompareAndSwap(nil, &InputChangedError{w.name, change})
		}
	}
	return w.err()
}

// err returns the change that a check has found.
func (w *watch) err() error {
	if w == nil {
		return nil
	}
	if changed := w.changed.Load(); changed != nil {
		return changed
	}
	return nil
}

// compare describes how the file differs from the beginning; "" means not at all.
func (w *watch) compare() (change string, err error) {
	now, err := w.file.Stat()
	if err != nil {
		return "", err
	}
	if now.Size() != w.begin.Size() {
		return fmt.Sprintf("its size was %d bytes and is now %d", w.begin.Size(), now.Size()), nil
	}
	if !now.ModTime().Equal(w.begin.ModTime()) {
		return fmt.Sprintf("it was written to at %s", now.ModTime().UTC().Format(time.RFC3339)), nil
	}
	if !w.named {
		return "", nil
	}
	there, err := os.Stat(w.file.Name())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "it was removed or renamed", nil
	case err != nil:
		return "", err
	case !os.SameFile(w.begin, there):
		return "it was replaced by another file", nil
	}
	return "", nil
}

// read reads a block and checks the file before and after: a block that was read after a change is dropped.
func (w *watch) read(read func() (int, error)) (int, error) {
	if w == nil {
		return read()
	}
	if err := w.check(); err != nil {
		return 0, err
	}
	n, err := read()
	if changed := w.check(); changed != nil {
		return 0, changed
	}
	return n, err
}

// watched is a stream of the watched file.
type watched struct {
	io.Reader
	watch *watch
}

func (r watched) Read(p []byte) (int, error) {
	return r.watch.read(func() (int, error) { return r.Reader.Read(p) })
}

// watchedAt is the watched file, read in any order.
type watchedAt struct {
	io.ReaderAt
	watch *watch
}

func (r watchedAt) ReadAt(p []byte, at int64) (int, error) {
	return r.watch.read(func() (int, error) { return r.ReaderAt.ReadAt(p, at) })
}
