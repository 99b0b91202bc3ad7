// Package atomicfile writes files that are complete or do not exist, however the program ends.
//
// A new file gets the permissions that the umask allows; a file that is replaced keeps its own.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// newFileMode is the mode of a new file before the umask.
const newFileMode fs.FileMode = 0o644

// ReplaceFile writes a file and syncs it to disk before it replaces the file at the path, if there is one. If path is a
// symbolic link, its target is replaced, or the link itself if it is dangling. Anything but a regular file, such as a
// directory or a device, is an error.
func ReplaceFile(path string, write func(io.Writer) error) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	replaced, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !replaced.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", path)
	}
	temp, err := writeBeside(path, replaced, write)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

// CreateFile writes a new file and syncs it to disk. If anything exists at the path, even a dangling symbolic link, it
// stays, and the error matches [fs.ErrExist].
func CreateFile(path string, write func(io.Writer) error) error {
	if err := CheckNotExist(path); err != nil {
		return err
	}
	temp, err := writeBeside(path, nil, write)
	if err != nil {
		return err
	}
	err = os.Link(temp, path)
	if err == nil {
		return os.Remove(temp)
	}
	// The file system has no hard links. Between the two calls another program could create the file.
	if err = CheckNotExist(path); err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

// CheckNotExist returns an error that matches [fs.ErrExist] if anything exists at the path, even a dangling symbolic
// link.
func CheckNotExist(path string) error {
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return err
}

// writeBeside writes a temporary file in the directory of path and returns its name. The file gets the permissions of
// the file that it will replace, if there is one.
func writeBeside(path string, replaced fs.FileInfo, write func(io.Writer) error) (name string, err error) {
	f, err := createTemp(path)
	if err != nil {
		return "", err
	}
	keepMode := func() error {
		if replaced == nil {
			return nil
		}
		return f.Chmod(replaced.Mode().Perm())
	}
	out := bufio.NewWriter(f)
	if err = keepMode(); err == nil { // before the content, which may be secret
		err = write(out)
	}
	for _, next := range []func() error{out.Flush, f.Sync} {
		if err == nil { // a full disk is reported once
			err = next()
		}
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// createTemp creates a temporary file beside path. Unlike [os.CreateTemp], which always uses the mode 0600, it lets
// the umask decide.
func createTemp(path string) (*os.File, error) {
	const attempts = 10_000
	for i := 0; ; i++ {
		f, err := os.OpenFile(fmt.Sprintf("%s.%d.tmp", path, rand.Uint32()), os.O_RDWR|os.O_CREATE|os.O_EXCL, newFileMode)
		if i == attempts || !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}
