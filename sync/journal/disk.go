package journal

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// disk is what the journal needs of the file system.
type FS interface {
	Open(path string, flag int) (File, error)
	Remove(path string) error
	// lock gives the function that ends the lock. Its error is errLocked when another process holds it.
	Lock(path string) (unlock func() error, err error)
}

// file is what the journal needs of a file.
type File interface {
	io.Reader
	io.Writer
	io.Seeker
	io.Closer
	Stat() (fs.FileInfo, error)
	Sync() error
	Truncate(size int64) error
}

var (
	errLocked  = errors.New("locked by another process")
	errNotLock = errors.New("this is not a lock file of groupsync, which would be empty")
)

type OS struct{}

func (OS) Open(path string, flag int) (File, error) {
	f, err := os.OpenFile(path, flag, 0o644)
	if err != nil {
		return nil, err // not a nil *os.File in an interface
	}
	return f, nil
}

func (OS) Remove(path string) error { return os.Remove(path) }

// lock holds a file beside the results, never the results themselves: on Windows a locked file can't be
// opened by Excel.
func (OS) Lock(path string) (func() error, error) {
	for {
		if err := mustBeLock(path); err != nil {
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
		// Whoever held the lock before may have removed the file between our opening and locking it.
		held, err := l.Stat()
		if there, statErr := os.Stat(path); err == nil && statErr == nil && os.SameFile(held, there) {
			return func() error {
				// Where an open file can't be removed it stays, which does no harm: only the lock counts.
				if mustBeLock(path) == nil {
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

// mustBeLock keeps a file that is not a lock from being taken for one, and then removed: a lock file is empty.
func mustBeLock(path string) error {
	info, err := os.Lstat(path)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > 0) {
		return errNotLock
	}
	return nil
}

// modTime is when the file was last written to.
func modTime(f File) (time.Time, error) {
	info, err := f.Stat()
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}
