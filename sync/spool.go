package sync

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxHeld is how much a spool holds in memory, in bytes, where a temporary file can be had.
const maxHeld = 1 << 20

// spool holds bytes that are written first and then read in any order: a few in memory, and many in a
// temporary file.
type spool struct {
	most int // bytes that are held in memory where no temporary file can be had
	size int64

	held   []byte
	noFile error    // why there is none
	file   *os.File // nil: in memory
	out    *bufio.Writer
	left   string // the file's name, if it could not be removed while it is open
}

func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.noFile == nil && len(s.held)+len(p) > maxHeld {
		s.noFile = s.moveToFile()
	}
	s.size += int64(len(p))
	switch {
	case s.file != nil:
		n, err := s.out.Write(p)
		return n, cantWrite(err)
	case len(s.held)+len(p) > s.most:
		return 0, fmt.Errorf("the spreadsheet's texts take more than 20 MB, and no temporary file can be written (%w): let TMPDIR (on Windows TMP) name a folder with room, or save the sheet as CSV UTF-8", s.noFile)
	}
	s.held = append(s.held, p...)
	return len(p), nil
}

func (s *spool) moveToFile() error {
	f, err := os.CreateTemp("", "groupsync-*")
	if err != nil {
		return err
	}
	// At once, so that nothing is left behind however the program ends. Windows removes no file that is open.
	if os.Remove(f.Name()) != nil {
		s.left = f.Name()
	}
	s.file, s.out = f, bufio.NewWriterSize(f, readAhead)
	_, err = s.out.Write(s.held)
	s.held = nil
	return cantWrite(err)
}

// flush ends the writing.
func (s *spool) flush() error {
	if s.file == nil {
		return nil
	}
	return cantWrite(s.out.Flush())
}

func cantWrite(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the spreadsheet's texts can't be put into a temporary file (%w): let TMPDIR (on Windows TMP) name a folder with room, or save the sheet as CSV UTF-8", err)
}

func (s *spool) ReadAt(p []byte, at int64) (int, error) {
	if s.file != nil {
		return s.file.ReadAt(p, at)
	}
	n := copy(p, s.held[min(at, int64(len(s.held))):])
	if n < len(p) {
		return n, io.ErrUnexpectedEOF
	}
	return n, nil
}

func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.left != "" {
		err = errors.Join(err, os.Remove(s.left))
	}
	return err
}
