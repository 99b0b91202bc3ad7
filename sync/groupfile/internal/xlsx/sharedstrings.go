package xlsx

import (
	"cmp"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"groupsync/sync/internal/spool"
)

// The greatest number of bytes of a workbook's shared strings, and of their offsets, that are kept in memory if no
// temporary file can be written.
const (
	maxStringBytes = 16 << 20
	maxOffsetBytes = 4 << 20
)

// sharedStrings are the strings to which the cells of a workbook refer by number.
type sharedStrings struct {
	text spool.Spool
	ends spool.Spool // the offset of each string's end in text, in 8 bytes
	n    int64
}

// read reads the strings from their part.
func (s *sharedStrings) read(in *partReader) error {
	s.text.MaxMemory, s.ends.MaxMemory = maxStringBytes, maxOffsetBytes
	for {
		t, err := in.token()
		if err == io.EOF {
			return spoolError(cmp.Or(s.text.Flush(), s.ends.Flush()))
		}
		if err != nil {
			return err
		}
		start, ok := t.(xml.StartElement)
		if !ok || start.Name.Local != "si" {
			continue
		}
		text, err := in.richText()
		if err != nil {
			return err
		}
		if _, err := s.text.Write([]byte(text)); err != nil {
			return spoolError(err)
		}
		if _, err := s.ends.Write(binary.LittleEndian.AppendUint64(nil, uint64(s.text.Size()))); err != nil {
			return spoolError(err)
		}
		s.n++
	}
}

func spoolError(err error) error {
	if err == nil {
		return nil
	}
	if failed, ok := errors.AsType[*spool.Error](err); ok {
		err = failed.Err
	}
	return &SpoolError{err}
}

// at returns the i-th string, from 0.
func (s *sharedStrings) at(i int64) (string, error) {
	if i < 0 || i >= s.n {
		return "", damaged(fmt.Errorf("a cell refers to the shared string %d, but there are only %d", i, s.n))
	}
	var ends [16]byte // of the previous string, and of this one
	var err error
	if i == 0 {
		_, err = s.ends.ReadAt(ends[8:], 0)
	} else {
		_, err = s.ends.ReadAt(ends[:], (i-1)*8)
	}
	if err != nil {
		return "", err
	}
	begin, end := binary.LittleEndian.Uint64(ends[:]), binary.LittleEndian.Uint64(ends[8:])
	text := make([]byte, end-begin)
	if _, err := s.text.ReadAt(text, int64(begin)); err != nil {
		return "", err
	}
	return string(text), nil
}

func (s *sharedStrings) close() error {
	return errors.Join(s.text.Close(), s.ends.Close())
}
