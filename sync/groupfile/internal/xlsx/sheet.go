package xlsx

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"groupsync/sync/internal/csvrecord"
	"groupsync/sync/quote"
)

// Sheet is one sheet of a workbook. It includes hidden rows and columns. Only the first of several merged cells has a value.
type Sheet struct {
	// Comma is the delimiter of the records that Next returns.
	Comma byte

	part *partReader
	book *workbook

	row   int // the number of the last row that was read
	ended bool
	blank int // the number of rows without a value

	cells []string
	kinds []Kind // of the cells of the last row
	data  bytes.Buffer
}

func newSheet(in *partReader, w *workbook) *Sheet { return &Sheet{Comma: ',', part: in, book: w} }

// Close removes the sheet's temporary files.
func (s *Sheet) Close() error {
	_ = s.part.Close() // its only error is that of the last read, which Next returned
	return s.book.strings.close()
}

// Line returns the number of the next row.
func (s *Sheet) Line() int { return s.row + 1 }

// Blank returns the number of rows without a value so far.
func (s *Sheet) Blank() int { return s.blank }

// Cells returns the cells of the last row, up to its last cell with a value. They are valid until the next call of Next.
func (s *Sheet) Cells() []string { return s.cells }

// Kinds returns the kinds of the cells of the last row. They are valid until the next call of Next.
func (s *Sheet) Kinds() []Kind { return s.kinds }

// Next returns the next row with a value in any cell, or [io.EOF]. The line of the record is the number of the row.
func (s *Sheet) Next() (csvrecord.Record, error) {
	for !s.ended {
		t, err := s.part.token()
		if err != nil {
			return csvrecord.Record{}, err
		}
		if end, ok := t.(xml.EndElement); ok && end.Name.Local == "sheetData" {
			s.ended = true // later elements <row> are something else, such as the position of a button
		}
		start, ok := t.(xml.StartElement)
		if !ok || start.Name.Local != "row" {
			continue
		}
		number := s.row + 1
		if r := attribute(start, "r"); r != "" {
			if number, err = strconv.Atoi(r); err != nil || number <= s.row {
				return csvrecord.Record{}, damaged(fmt.Errorf("%s: row %s comes after row %d", s.part.name, quote.Text(r), s.row))
			}
		}
		s.blank += number - s.row - 1
		s.row = number
		size, err := s.readRow()
		if err != nil {
			return csvrecord.Record{}, err
		}
		if size > csvrecord.MaxSize {
			return csvrecord.Record{Line: s.row, Broken: fmt.Sprintf("the row is longer than %d bytes: shorten its cells", csvrecord.MaxSize)}, nil
		}
		if !slices.ContainsFunc(s.cells, func(c string) bool { return strings.TrimSpace(c) != "" }) && !slices.Contains(s.kinds, NoValue) {
			s.blank++
			continue
		}
		return s.record()
	}
	return csvrecord.Record{}, io.EOF
}

// record returns the cells of the row as a CSV record.
func (s *Sheet) record() (csvrecord.Record, error) {
	s.data.Reset()
	w := csv.NewWriter(&s.data)
	w.Comma = rune(s.Comma)
	if err := w.Write(s.cells); err != nil {
		return csvrecord.Record{}, err
	}
	w.Flush()
	return csvrecord.Record{Line: s.row, Data: s.data.Bytes(), Count: len(s.cells), Complete: true}, nil
}

// readRow reads the cells of a row, and returns their size in bytes. It keeps only the first cells of a row that is too
// long.
func (s *Sheet) readRow() (size int, err error) {
	s.cells, s.kinds = s.cells[:0], s.kinds[:0]
	column := 0
	for {
		t, err := s.part.token()
		if err != nil {
			return 0, err
		}
		start, ok := t.(xml.StartElement)
		switch {
		case !ok:
			if _, ok := t.(xml.EndElement); ok {
				return size, nil
			}
			continue
		case start.Name.Local != "c":
			if err := s.part.skip(); err != nil {
				return 0, err
			}
			continue
		}
		column++
		if ref := attribute(start, "r"); ref != "" {
			column = columnNumber(ref)
		}
		if column < 1 || column > maxColumns {
			return 0, damaged(fmt.Errorf("%s: row %d has a cell with the invalid reference %s", s.part.name, s.row, quote.Text(attribute(start, "r"))))
		}
		text, kind, err := s.readCell(start)
		if err != nil {
			return 0, err
		}
		if size += len(text) + 1; size > csvrecord.MaxSize || text == "" && kind == Text {
			continue
		}
		for len(s.cells) < column {
			s.cells, s.kinds = append(s.cells, ""), append(s.kinds, Text)
		}
		s.cells[column-1], s.kinds[column-1] = text, kind
	}
}
