package sync

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// spool holds bytes that are written first and then read in any order: in memory, or, once they are more
// than most, in a temporary file.
type spool struct {
	most int
	size int64

	held []byte
	file *os.File // nil: in memory
	out  *bufio.Writer
	left string // the file's name, if it could not be removed while it is open
}

func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && len(s.held)+len(p) > s.most {
		if err := s.moveToFile(); err != nil {
			return 0, err
		}
	}
	s.size += int64(len(p))
	if s.file == nil {
		s.held = append(s.held, p...)
		return len(p), nil
	}
	n, err := s.out.Write(p)
	if err != nil {
		err = fmt.Errorf("a temporary file can't be written: %w", err)
	}
	return n, err
}

func (s *spool) moveToFile() error {
	f, err := os.CreateTemp("", "groupsync-*")
	if err != nil {
		return fmt.Errorf("the spreadsheet has more than 20 MB of text, and no temporary file can be written (%w): let TMPDIR (on Windows TMP) name a folder with room, or save the sheet as CSV UTF-8", err)
	}
	// At once, so that nothing is left behind however the program ends. Windows removes no file that is open.
	if os.Remove(f.Name()) != nil {
		s.left = f.Name()
	}
	s.file, s.out = f, bufio.NewWriterSize(f, readAhead)
	_, err = s.out.Write(s.held)
	s.held = nil
	return err
}

// flush ends the writing.
func (s *spool) flush() error {
	if s.file == nil {
		return nil
	}
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("a temporary file can't be written: %w", err)
	}
	return nil
}

func (s *spool) ReadAt(p []byte, at int64) (int, error) {
	if s.file != nil {
		n, err := s.file.ReadAt(p, at)
		if err == io.EOF && n == len(p) {
			err = nil
		}
		return n, err
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
