package groupfile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"groupsync/sync/internal/csvrecord"
)

// headerRows is how many rows that are not blank are searched for the header.
const headerRows = 20

// candidate is a row that may be the header.
type candidate struct {
	line  int
	cells []string
	names []string
	err   error // why it is not the header
}

// newCandidate returns how a record is understood as the header.
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

// decides reports whether the search ends with this row: it is the header, or is the header but for columns
// that have the same name.
func (c candidate) decides() bool {
	e, ok := errors.AsType[*HeaderError](c.err)
	return c.err == nil || ok && e.Ambiguous != ""
}

// likeness orders rows by how much they are like a header: first by the columns that are recognized, then by
// the cells that hold words.
func (c candidate) likeness() int {
	words := 0
	for _, cell := range c.cells {
		if _, err := strconv.ParseFloat(strings.TrimSpace(cell), 64); err != nil && strings.ContainsFunc(cell, unicode.IsLetter) {
			words++
		}
	}
	if c.cells == nil { // it cannot be read: more like a header than a row that names no column
		return 1 << 19
	}
	return c.recognized()<<20 + words
}

// recognized returns the number of columns that the row names.
func (c candidate) recognized() int {
	n := 0
	for _, name := range c.names {
		if name != "" {
			n++
		}
	}
	return n
}

// findHeader reads the input's rows up to the header.
func (r *Reader) findHeader() (candidate, error) {
	var best candidate
	first := 0 // the line of the first row
	for rows := 0; rows < headerRows || r.options.HeaderRow > 0; {
		rec, err := r.records.Next()
		switch {
		case err == io.EOF && r.options.HeaderRow > 0:
			return best, r.headerRowError("the header should be on line %d, but the input ends before it", r.options.HeaderRow)
		case err == io.EOF && rows == 0:
			return best, &InputError{Input: r.options.Name, Err: errors.New("the file is empty: it needs a header with groupId, name, externalReferenceId")}
		case err == io.EOF:
			return best, r.noHeader(best, best.line != first, rows)
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
			first = rec.Line
		}
		c := newCandidate(rec, r.format.Delimiter, r.options)
		if c.decides() || r.options.HeaderRow > 0 {
			return c, r.noHeader(c, false, rows)
		}
		r.rowsAbove++
		if best.err == nil || c.likeness() > best.likeness() {
			best = c
		}
	}
	return best, r.noHeader(best, best.line != first, headerRows)
}

// noHeader returns why a row is not the header; nil if it is. The row was chosen if it is the one most like a header
// of several rows.
func (r *Reader) noHeader(c candidate, chosen bool, rows int) error {
	if err := r.unreadable(c.cells); err != nil {
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

// delimiterSearch tells by the first rows of a text which character separates its cells: the one that makes a
// header of one of them, the first such row if there are several.
type delimiterSearch struct {
	options ReaderOptions
	line    int // of the first row
}

// result is what the first rows are with one delimiter.
type result struct {
	delimiter byte
	header    int       // the line of the header, 0 if there is none
	best      candidate // the row most like a header
	first     int       // the cells of the first row
	cells     int       // the most cells of a row
	complete  bool      // as many rows were seen as are searched for the header
}

// enough reports whether the beginning of a text decides.
func (s delimiterSearch) enough(begin []byte) bool {
	complete := true
	for _, r := range s.results(begin, false) {
		if r.header > 0 {
			return true
		}
		complete = complete && r.complete
	}
	return complete
}

// find returns the delimiter of the text that begins so.
func (s delimiterSearch) find(begin []byte) (byte, error) {
	var usable, possible []result
	for _, r := range s.results(begin, true) {
		if r.header > 0 {
			usable = append(usable, r)
		}
		if r.cells > 1 {
			possible = append(possible, r)
		}
	}
	first := func(a, b result) int { return a.header - b.header }
	like := func(a, b result) int {
		return cmp.Or(b.best.recognized()-a.best.recognized(), min(b.first, 2)-min(a.first, 2))
	}
	order := like
	if len(usable) > 0 {
		possible, order = usable, first
	}
	if len(possible) == 0 {
		return ',', nil // one column
	}
	slices.SortStableFunc(possible, order)
	if len(possible) == 1 || order(possible[0], possible[1]) != 0 {
		return possible[0].delimiter, nil
	}
	e := &DelimiterError{}
	for _, r := range possible {
		if order(possible[0], r) == 0 {
			e.Candidates = append(e.Candidates, r.delimiter)
		}
	}
	return 0, e
}

// results reads the beginning of a text with each delimiter. The last row counts only if the text is ended.
func (s delimiterSearch) results(begin []byte, ended bool) []result {
	var all []result
	for _, d := range []byte(Delimiters) {
		r := result{delimiter: d}
		records := csvrecord.NewBytesReader(begin, d, csvrecord.MaxSize)
		records.LineNumber = s.line
		for rows := 0; ; {
			rec, err := records.Next()
			if err != nil || !ended && (!rec.Complete || rec.Torn) || s.options.HeaderRow > 0 && rec.Line > s.options.HeaderRow {
				break
			}
			if rec.Line < s.options.HeaderRow || isBlankRecord(rec, d) {
				continue
			}
			c := newCandidate(rec, d, s.options)
			r.cells = max(r.cells, len(c.cells))
			if rows == 0 {
				r.first = len(c.cells)
			}
			if c.likeness() > r.best.likeness() {
				r.best = c
			}
			if c.err == nil {
				r.header = rec.Line
				break
			}
			if rows++; rows == headerRows {
				r.complete = true
				break
			}
		}
		all = append(all, r)
	}
	return all
}
