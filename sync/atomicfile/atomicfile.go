package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ReplaceFile writes a file that is there as a whole, on the disk, or not at all: whatever was there before
// stays until then. Through a link it writes the file that the link names. What is not a file, such as a
// pipe or a device, is an error and stays.
func ReplaceFile(path string, write func(io.Writer) error) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", path)
	}
	temp, err := writeBeside(path, write)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

// createFile writes a new file as a whole, synced to disk, or not at all. Whatever is at the path already stays,
// also a link that leads nowhere: the error is then [fs.ErrExist].
func CreateFile(path string, write func(io.Writer) error) error {
	if err := MustNotExist(path); err != nil {
		return err
	}
	temp, err := writeBeside(path, write)
	if err != nil {
		return err
	}
	err = os.Link(temp, path)
	if err == nil {
		return os.Remove(temp)
	}
	// A file system without hard links. In the moment between the two calls another program could still win.
	if err = MustNotExist(path); err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

func MustNotExist(path string) error {
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return err
}

// writeBeside writes a temporary file in the folder of path, and returns its name.
func writeBeside(path string, write func(io.Writer) error) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return "", err
	}
	out := bufio.NewWriter(f)
	err = write(out)
	for _, next := range []func() error{out.Flush, func() error { return f.Chmod(0o644) }, f.Sync} {
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
