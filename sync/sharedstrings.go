package sync

import (
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// What of a workbook's shared strings is held in memory at most, in bytes, where no temporary file can be
// written: the texts, and where each ends.
const (
	maxTexts = 16 << 20
	maxEnds  = 4 << 20
)

// sharedStrings are the texts of a workbook, to which its cells refer by their number.
type sharedStrings struct {
	text spool
	ends spool // of each text, 8 bytes
	n    int64
}

// read takes in the part that holds them.
func (s *sharedStrings) read(in *part) error {
	s.text.most, s.ends.most = maxTexts, maxEnds
	for {
		t, err := in.token()
		if err == io.EOF {
			return errors.Join(s.text.flush(), s.ends.flush())
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
			return err
		}
		if _, err := s.ends.Write(binary.LittleEndian.AppendUint64(nil, uint64(s.text.size))); err != nil {
			return err
		}
		s.n++
	}
}

// at gives the i-th text, from 0.
func (s *sharedStrings) at(i int64) (string, error) {
	if i < 0 || i >= s.n {
		return "", damaged(fmt.Errorf("a cell has text number %d, and there are %d", i, s.n))
	}
	var ends [16]byte // of the one before it too
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
	return errors.Join(s.text.close(), s.ends.close())
}
