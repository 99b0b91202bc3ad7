package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/gofrs/flock"
)

// FS is the part of a file system that a journal uses. [OS] is the real one; tests use one whose operations fail.
type FS interface {
	Open(path string, flag int) (File, error)
	Remove(path string) error
	// Rename replaces a file at the new path.
	Rename(from, to string) error
	Link(from, to string) error
	// Lock takes a lock and returns the function that releases it.
	Lock(path string) (unlock func() error, err error)
}

// File is the part of a file that a journal uses.
type File interface {
	io.Reader
	io.Writer
	io.Seeker
	io.Closer
	Stat() (fs.FileInfo, error)
	Chmod(fs.FileMode) error
	Sync() error
	Truncate(size int64) error
}

// ErrInUse is the error of an operation on a file that another program holds open: Windows then refuses to write to
// it or to rename it.
var ErrInUse = errors.New("the file is open in another program")

// IsInUse reports whether err says that another program, such as Excel, holds a file open. The file need not be one of
// a journal.
func IsInUse(err error) bool { return errors.Is(err, ErrInUse) || isHeldOpen(err) }

// inUse returns err, marked with [ErrInUse] if another program holds the file open.
func inUse(err error) error {
	if isHeldOpen(err) {
		return fmt.Errorf("%w: %w", ErrInUse, err)
	}
	return err
}

var (
	errLocked  = errors.New("locked by another process")
	errNotLock = errors.New("this is not a lock file of groupsync, which would be empty")
)

// OS is the file system of the operating system.
type OS struct{}

// Open opens a file as [os.OpenFile] does. A new file has the mode 0644 before the umask.
func (OS) Open(path string, flag int) (File, error) {
	f, err := os.OpenFile(path, flag, 0o644)
	if err != nil {
		return nil, inUse(err) // not a nil *os.File in an interface
	}
	return f, nil
}

func (OS) Remove(path string) error     { return inUse(os.Remove(path)) }
func (OS) Rename(from, to string) error { return inUse(os.Rename(from, to)) }
func (OS) Link(from, to string) error   { return os.Link(from, to) }

// Lock locks a file beside the results, never the results themselves: on Windows Excel cannot open a locked file.
func (OS) Lock(path string) (func() error, error) {
	for {
		if err := checkIsLock(path); err != nil {
			return nil, err
		}
		l := flock.New(path)
		got, err := l.TryLock()
		if err != nil {
			return nil, err
		}
		if !got {
			return nil, errLocked
		}
		// Another process may have removed the file after it was opened here and before it was locked.
		locked, err := l.Stat()
		if atPath, statErr := os.Stat(path); err == nil && statErr == nil && os.SameFile(locked, atPath) {
			return func() error {
				// Some systems cannot remove an open file. It then stays, which does no harm: only the lock counts.
				if checkIsLock(path) == nil {
					_ = os.Remove(path)
				}
				return l.Unlock()
			}, nil
		}
		if err := l.Unlock(); err != nil {
			return nil, err
		}
	}
}

// checkIsLock returns an error for a file that is not a lock file, and so must not be removed: a lock file is empty.
func checkIsLock(path string) error {
	info, err := os.Lstat(path)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > 0) {
		return errNotLock
	}
	return nil
}
