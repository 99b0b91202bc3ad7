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

// InputChangedError reports an input file that another program changed while it was being read. A row that is read after
// the change may be in neither version of the file.
type InputChangedError struct {
	// Input is what messages call the file.
	Input string
	// Change describes the difference from the beginning of the run.
	Change string
}

func (e *InputChangedError) Error() string {
	return fmt.Sprintf("%s changed while it was being read: %s", e.Input, e.Change)
}

// watch detects whether a regular file has changed since newWatch. A nil *watch detects no change.
//
// It does not detect a write that keeps the size of the file and follows the previous write within the granularity of the
// file system's modification times.
type watch struct {
	name    string
	file    *os.File
	initial fs.FileInfo
	// pathMatched reports whether the path initially named the open file.
	pathMatched bool
	changed     atomic.Pointer[InputChangedError] // the first change
}

// newWatch returns a watch of a file. It returns nil for a nil file and for one that is not a regular file.
func newWatch(file *os.File, name string) (*watch, error) {
	if file == nil {
		return nil, nil
	}
	initial, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if !initial.Mode().IsRegular() {
		return nil, nil
	}
	atPath, err := os.Stat(file.Name())
	return &watch{name: name, file: file, initial: initial, pathMatched: err == nil && os.SameFile(initial, atPath)}, nil
}

// check returns an error if the file has changed. After a change, every check returns the same error.
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

// err returns the change that an earlier check found, or nil.
func (w *watch) err() error {
	if w == nil {
		return nil
	}
	if changed := w.changed.Load(); changed != nil {
		return changed
	}
	return nil
}

// compare describes how the file differs from its initial state. It returns "" if there is no difference.
func (w *watch) compare() (change string, err error) {
	now, err := w.file.Stat()
	if err != nil {
		return "", err
	}
	if now.Size() != w.initial.Size() {
		return fmt.Sprintf("its size was %d bytes and is now %d", w.initial.Size(), now.Size()), nil
	}
	if !now.ModTime().Equal(w.initial.ModTime()) {
		return fmt.Sprintf("it was written to at %s", now.ModTime().UTC().Format(time.RFC3339)), nil
	}
	if !w.pathMatched {
		return "", nil
	}
	atPath, err := os.Stat(w.file.Name())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "it was removed or renamed", nil
	case err != nil:
		return "", err
	case !os.SameFile(w.initial, atPath):
		return "it was replaced by another file", nil
	}
	return "", nil
}

// read calls readBlock, and checks the file before and after. It drops a block that was read after a change.
func (w *watch) read(readBlock func() (int, error)) (int, error) {
	if w == nil {
		return readBlock()
	}
	if err := w.check(); err != nil {
		return 0, err
	}
	n, err := readBlock()
	if changed := w.check(); changed != nil {
		return 0, changed
	}
	return n, err
}

// watched is a reader of the watched file.
type watched struct {
	io.Reader
	watch *watch
}

func (r watched) Read(p []byte) (int, error) {
	return r.watch.read(func() (int, error) { return r.Reader.Read(p) })
}

// watchedAt is a random-access reader of the watched file.
type watchedAt struct {
	io.ReaderAt
	watch *watch
}

func (r watchedAt) ReadAt(p []byte, at int64) (int, error) {
	return r.watch.read(func() (int, error) { return r.ReaderAt.ReadAt(p, at) })
}
