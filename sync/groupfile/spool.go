package groupfile

import (
	"errors"
	"fmt"
	"io"

	"groupsync/sync/internal/spool"
)

const (
	// DefaultSpoolLimit is the default of [SpoolOptions.Limit], in bytes.
	DefaultSpoolLimit = 1 << 30
	// maxSpoolMemory is the size of the largest copy in memory, in bytes, if no temporary file can be created.
	maxSpoolMemory = 20 << 20
)

// SpoolOptions are the options for copying an input that can be read only once, such as a pipe, to a temporary file. The
// file has no name, so it disappears even if the program is killed.
type SpoolOptions struct {
	// Always copies every such input, before its first row is read. Otherwise, only a spreadsheet is copied.
	Always bool
	// Folders are the folders for the file, which are tried in order; nil is the system's folder for temporary files.
	Folders []string
	// Limit is the size of the largest copy, in bytes; 0 is [DefaultSpoolLimit].
	Limit int64
}

// SpoolLimitError reports an input that must be copied and is larger than the limit.
type SpoolLimitError struct {
	// Input is what messages call the input.
	Input string
	// Limit is [SpoolOptions.Limit], in bytes.
	Limit int64
}

func (e *SpoolLimitError) Error() string {
	return fmt.Sprintf("%s is larger than %d bytes, the limit for a copy in a temporary file", e.Input, e.Limit)
}

// SpoolError reports an input that could not be copied to a temporary file.
type SpoolError struct {
	// Input is what messages call the input.
	Input string
	// Text reports whether only the text of a spreadsheet had to be copied, not the whole input.
	Text bool
	Err  error
}

func (e *SpoolError) Error() string {
	if e.Text {
		return fmt.Sprintf("%s: the text of the spreadsheet cannot be copied to a temporary file: %v", e.Input, e.Err)
	}
	return fmt.Sprintf("%s can be read only once, and cannot be copied to a temporary file: %v", e.Input, e.Err)
}

func (e *SpoolError) Unwrap() error { return e.Err }

// copyToSpool copies an input, so that it can be read again and in any order. The caller closes the spool.
func copyToSpool(in io.Reader, name string, o SpoolOptions) (_ *spool.Spool, err error) {
	limit := o.Limit
	if limit == 0 {
		limit = DefaultSpoolLimit
	}
	s := &spool.Spool{MaxMemory: maxSpoolMemory, Folders: o.Folders, MaxSize: limit}
	_, err = io.Copy(s, in)
	if err == nil {
		err = s.Flush()
	}
	if err == nil {
		return s, nil
	}
	if failed, ok := errors.AsType[*spool.Error](err); ok {
		err = &SpoolError{Input: name, Err: failed.Err}
	} else if _, ok := errors.AsType[*spool.TooLargeError](err); ok {
		err = &SpoolLimitError{name, limit}
	} else {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return nil, errors.Join(err, s.Close())
}

// sectionOf returns a reader of the content of a spool.
func sectionOf(s *spool.Spool) *io.SectionReader { return io.NewSectionReader(s, 0, s.Size()) }
