package groupfile

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"groupsync/sync/internal/csvrecord"
)

// maxHeaderRows is the number of rows, without blank rows, that are searched for the header.
const maxHeaderRows = 20

// candidate is a row that may be the header.
type candidate struct {
	line  int
	cells []string
	names []string // the column of each cell, or ""
	err   error    // why it is not the header
}

// newCandidate reads a record as the header.
func newCandidate(rec csvrecord.Record, delimiter byte, o ReaderOptions) candidate {
	c := candidate{line: rec.Line}
	var err error
	if rec.Broken != "" {
		err = errors.New(rec.Broken)
	} else {
		c.cells, err = csvrecord.Split(rec.Data, delimiter)
	}
	if err != nil {
		c.err = fmt.Errorf("the header cannot be read: %w", err)
		return c
	}
	c.cells = slices.Clone(c.cells)
	c.names, c.err = findColumns(c.cells, o)
	return c
}

// endsSearch reports whether no later row can be the header: this one is, or would be if several columns did not have the
// same name.
func (c candidate) endsSearch() bool {
	e, ok := errors.AsType[*HeaderError](c.err)
	return c.err == nil || ok && e.Ambiguous != ""
}

// score returns how much the row is like a header. It depends on the number of recognized columns, and then on the number
// of cells with words.
func (c candidate) score() int {
	words := 0
	for _, cell := range c.cells {
		if _, err := strconv.ParseFloat(strings.TrimSpace(cell), 64); err != nil && strings.ContainsFunc(cell, unicode.IsLetter) {
			words++
		}
	}
	if c.cells == nil { // a row that cannot be read is more like a header than a row without a known column
		return 1 << 19
	}
	return c.recognized()<<20 + words
}

// recognized returns the number of known columns that the row names.
func (c candidate) recognized() int {
	n := 0
	for _, name := range c.names {
		if name != "" {
			n++
		}
	}
	return n
}

// findHeader reads the input up to and including the header.
func (r *Reader) findHeader() (candidate, error) {
	var best candidate
	firstLine := 0 // of the first row
	for rows := 0; rows < maxHeaderRows || r.options.HeaderRow > 0; {
		rec, err := r.records.Next()
		switch {
		case err == io.EOF && r.options.HeaderRow > 0:
			return best, r.headerRowError("the header should be on line %d, but the input ends before it", r.options.HeaderRow)
		case err == io.EOF && rows == 0:
			return best, &InputError{Input: r.options.Name, Err: errors.New("the file is empty: it needs a header, such as groupId,name,externalReferenceId")}
		case err == io.EOF:
			return best, r.headerError(best, best.line != firstLine, rows)
		case err != nil:
			return best, r.readError(err)
		}
		switch {
		case r.options.HeaderRow > rec.Line:
			r.rowsAbove++
			continue
		case r.options.HeaderRow > 0 && r.options.HeaderRow < rec.Line:
			return best, r.headerRowError("the header should be on line %d, but that line is blank, or no row begins there", r.options.HeaderRow)
		case r.isBlank(rec):
			r.blank++
			continue
		}
		if rows++; rows == 1 {
			firstLine = rec.Line
		}
		c := newCandidate(rec, r.format.Delimiter, r.options)
		if c.endsSearch() || r.options.HeaderRow > 0 {
			return c, r.headerError(c, false, rows)
		}
		r.rowsAbove++
		if best.err == nil || c.score() > best.score() {
			best = c
		}
	}
	return best, r.headerError(best, best.line != firstLine, maxHeaderRows)
}

// headerError returns why a row is not the header, or nil if it is. The error counts the searched rows if the row was
// chosen as the one most like a header.
func (r *Reader) headerError(c candidate, chosen bool, rows int) error {
	if err := r.encodingError(c.cells); err != nil {
		return &InputError{r.options.Name, c.line, err}
	}
	if c.err == nil {
		return nil
	}
	if e, ok := errors.AsType[*HeaderError](c.err); ok && chosen {
		e.Rows = rows
	}
	return &InputError{r.options.Name, c.line, c.err}
}

func (r *Reader) headerRowError(format string, args ...any) error {
	return &InputError{Input: r.options.Name, Err: &OptionError{Option: "HeaderRow", Reason: fmt.Sprintf(format, args...)}}
}
