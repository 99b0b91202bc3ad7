// Package spool stores bytes that are written once and then read in any order: a small number in memory, a large one in
// a temporary file. The file is removed as soon as it is open, so that nothing is left behind however the program
// ends. On Windows, where an open file cannot be removed, [Spool.Close] removes it.
package spool

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

const (
	// memoryLimit is how many bytes are kept in memory before a temporary file is tried.
	memoryLimit = 1 << 20
	bufferSize  = 64 << 10
)

// Spool is written first, then flushed, then read. The zero Spool is ready to use.
type Spool struct {
	// MaxMemory is how many bytes are kept in memory if no temporary file can be created.
	MaxMemory int
	// Folders are tried in turn for the temporary file; nil means the system's folder for temporary files.
	Folders []string
	// MaxSize is the maximum number of bytes. Zero means no limit.
	MaxSize int64

	size      int64
	memory    []byte
	createErr error    // why there is no file
	file      *os.File // nil: in memory
	out       *bufio.Writer
	leftover  string // the file's name, if it could not be removed while it is open
}

// Error reports that a spool cannot take more bytes: there is no temporary file, or it cannot be written.
type Error struct{ Err error }

func (e *Error) Error() string { return fmt.Sprintf("writing a temporary file: %v", e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// TooLargeError reports that a spool would exceed its MaxSize.
type TooLargeError struct{ MaxSize int64 }

func (e *TooLargeError) Error() string { return fmt.Sprintf("more than %d bytes", e.MaxSize) }

// Size returns the number of bytes that were written.
func (s *Spool) Size() int64 { return s.size }

// Write appends p. Its error is an [*Error], or a [*TooLargeError].
func (s *Spool) Write(p []byte) (int, error) {
	if s.MaxSize > 0 && s.size+int64(len(p)) > s.MaxSize {
		return 0, &TooLargeError{s.MaxSize}
	}
	if s.file == nil && s.createErr == nil && len(s.memory)+len(p) > memoryLimit {
		if s.createErr = s.moveToFile(); s.file != nil && s.createErr != nil {
			return 0, &Error{s.createErr}
		}
	}
	switch {
	case s.file != nil:
		if _, err := s.out.Write(p); err != nil {
			return 0, &Error{err}
		}
	case s.createErr != nil && len(s.memory)+len(p) > s.MaxMemory:
		return 0, &Error{s.createErr}
	default:
		s.memory = append(s.memory, p...)
	}
	s.size += int64(len(p))
	return len(p), nil
}

// moveToFile creates the temporary file, and moves the bytes in memory to it.
func (s *Spool) moveToFile() error {
	f, err := s.createFile()
	if err != nil {
		return err
	}
	if os.Remove(f.Name()) != nil {
		s.leftover = f.Name()
	}
	s.file, s.out = f, bufio.NewWriterSize(f, bufferSize)
	_, err = s.out.Write(s.memory)
	s.memory = nil
	return err
}

// createFile creates the temporary file. Its error names every folder that was tried.
func (s *Spool) createFile() (*os.File, error) {
	folders := s.Folders
	if len(folders) == 0 {
		folders = []string{os.TempDir()}
	}
	var failed error
	for _, folder := range folders {
		f, err := os.CreateTemp(folder, "groupsync-*")
		switch {
		case err == nil:
			return f, nil
		case failed == nil:
			failed = err
		default: // not errors.Join, which takes several lines
			failed = fmt.Errorf("%w; %w", failed, err)
		}
	}
	return nil, failed
}

// Flush makes all that was written readable. Its error is an [*Error].
func (s *Spool) Flush() error {
	if s.file == nil {
		return nil
	}
	if err := s.out.Flush(); err != nil {
		return &Error{err}
	}
	return nil
}

// ReadAt reads what was flushed, as [io.ReaderAt] says.
func (s *Spool) ReadAt(p []byte, offset int64) (int, error) {
	if s.file != nil {
		return s.file.ReadAt(p, offset)
	}
	n := copy(p, s.memory[min(offset, int64(len(s.memory))):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Close releases the memory and the temporary file.
func (s *Spool) Close() error {
	s.memory = nil
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.leftover != "" {
		err = errors.Join(err, os.Remove(s.leftover))
	}
	return err
}
