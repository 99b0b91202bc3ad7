package sync

import (
	"bytes"
	"fmt"
	"io"
)

// maxRecord is the longest record that is read as one, in bytes.
const maxRecord = 1 << 20

// readAhead is how much of a stream is read at once, in bytes.
const readAhead = 64 << 10

// record is one record of a CSV file, as its bytes.
type record struct {
	// line is the line on which it begins.
	line int
	// data is the record with its line end; there is one even if the file ends without. It is valid until
	// the next record is read.
	data []byte
	// cells is the number of cells.
	cells int
	// broken says why the record can't be read, "" if it can. data then is its first line, or nil.
	broken string
	// begin and end are its place in the stream, in bytes.
	begin, end int64
	// whole: it ended with a line end, not with the stream. torn: the stream ends inside its quotes.
	whole, torn bool
}

// records splits a stream into records as encoding/csv does, with three differences: a record that is
// malformed or longer than max costs itself and not what follows, for it ends at its first line end; memory
// is bounded by max; and a quote inside a cell that begins with something else is a quote, as everywhere
// else but in Go ([csv.Reader] has LazyQuotes for it).
//
// What follows the first line of a broken record is read twice, but no more often: a record that reaches
// beyond a line passes only quotes that come in pairs, side by side, and no such line begins another.
type records struct {
	src   io.Reader
	comma byte
	max   int // bytes, without the line end

	buf        []byte
	start, end int   // the part of buf that is read and not used up
	offset     int64 // of start in the stream
	line       int   // of start
	err        error // what src ended with

	blank int // blank lines passed over
}

func newRecords(src io.Reader, comma byte, limit int) *records {
	return &records{src: src, comma: comma, max: limit, buf: make([]byte, readAhead), line: 1}
}

func (r *records) at() int      { return r.line }
func (r *records) skipped() int { return r.blank }

// next gives the next record. Its error is io.EOF at the end, or the stream's.
func (r *records) next() (record, error) {
	for {
		n, err := r.firstLine()
		if err != nil {
			return record{}, err
		}
		line := r.buf[r.start : r.start+n]
		switch {
		case n == 0:
			return record{}, io.EOF
		case r.exceeds(line):
			return r.tooLong()
		case isBlankLine(line):
			r.blank++
			r.take(n)
			continue
		case bytes.IndexByte(line, '"') < 0:
			rec := r.take(n)
			rec.cells = bytes.Count(line, []byte{r.comma}) + 1
			return rec, nil
		}
		return r.quoted()
	}
}

// isBlankLine reports whether a line is nothing but its end. A carriage return alone is one at the end of
// the stream only.
func isBlankLine(line []byte) bool {
	switch len(line) {
	case 1:
		return line[0] == '\n' || line[0] == '\r'
	case 2:
		return line[0] == '\r' && line[1] == '\n'
	}
	return false
}

// quoted takes the record at start, whose first line has quotes.
func (r *records) quoted() (record, error) {
	const (
		cellStart = iota
		blanks    // and nothing else in the cell so far
		plain
		inQuotes
		afterQuote // a quote inside quotes: the end of them, or the first of two
	)
	state, cells := cellStart, 1
	for i := 0; ; i++ {
		if i == r.end-r.start {
			more, err := r.fill()
			if err != nil {
				return record{}, err
			}
			if !more {
				if state == inQuotes {
					return r.cutShort("a quote is opened and not closed", true)
				}
				rec := r.take(i)
				rec.cells = cells
				return rec, nil
			}
		}
		c := r.buf[r.start+i]
		switch {
		case c == '\n' && state != inQuotes:
			rec := r.take(i + 1)
			rec.cells = cells
			return rec, nil
		case i == r.max:
			return r.cutShort(fmt.Sprintf("the row is longer than %d bytes: is a quote not closed?", r.max), false)
		case state == inQuotes:
			if c == '"' {
				state = afterQuote
			}
		case c == r.comma:
			state = cellStart
			cells++
		case c == '"':
			if state == plain {
				continue // it can only mean itself: 5" pipe
			}
			if state == blanks {
				return r.cutShort("blanks stand before the quote with which a cell begins: take them out", false)
			}
			state = inQuotes
		case state == afterQuote:
			// A carriage return belongs to the line end if nothing but that follows.
			if ends, err := r.endsLine(i); err != nil {
				return record{}, err
			} else if !ends {
				return r.cutShort("text follows the closing quote of a cell: quotes inside a cell are doubled", false)
			}
		case c == ' ' || c == '\t':
			if state == cellStart {
				state = blanks
			}
		default:
			state = plain
		}
	}
}

// endsLine reports whether the byte at i is a carriage return before a line end or the end of the stream.
func (r *records) endsLine(i int) (bool, error) {
	if r.buf[r.start+i] != '\r' {
		return false, nil
	}
	if i+1 == r.end-r.start {
		if more, err := r.fill(); err != nil || !more {
			return !more, err
		}
	}
	return r.buf[r.start+i+1] == '\n', nil
}

// cutShort takes the first line of a record that can't be read as one.
func (r *records) cutShort(reason string, torn bool) (record, error) {
	n, err := r.firstLine()
	if err != nil {
		return record{}, err
	}
	rec := r.take(n)
	rec.broken, rec.torn = reason, torn
	return rec, nil
}

// tooLong passes over a line that is longer than any record may be, without holding it.
func (r *records) tooLong() (record, error) {
	rec := record{
		line:   r.line,
		begin:  r.offset,
		broken: fmt.Sprintf("the row is longer than %d bytes", r.max),
	}
	for {
		if i := bytes.IndexByte(r.buf[r.start:r.end], '\n'); i >= 0 {
			rec.whole = true
			r.take(i + 1)
			break
		}
		r.offset += int64(r.end - r.start)
		r.start, r.end = 0, 0
		if more, err := r.fill(); err != nil {
			return record{}, err
		} else if !more {
			break
		}
	}
	rec.end = r.offset
	return rec, nil
}

// take uses up n bytes as one record.
func (r *records) take(n int) record {
	rec := record{line: r.line, begin: r.offset, data: r.buf[r.start : r.start+n]}
	r.line += bytes.Count(rec.data, []byte{'\n'})
	r.start += n
	r.offset += int64(n)
	rec.end = r.offset
	rec.whole = bytes.HasSuffix(rec.data, []byte{'\n'})
	if !rec.whole {
		rec.data = append(bytes.Clone(rec.data), '\n')
	}
	return rec
}

// firstLine gives the length of the line at start, with its line end if it has one. It is the length of
// what is held if the stream ends before the line does, or the line [records.exceeds] any record.
func (r *records) firstLine() (int, error) {
	for i := 0; ; {
		held := r.buf[r.start:r.end]
		if at := bytes.IndexByte(held[i:], '\n'); at >= 0 {
			return i + at + 1, nil
		}
		if r.exceeds(held) {
			return len(held), nil
		}
		i = len(held)
		if more, err := r.fill(); err != nil || !more {
			return i, err
		}
	}
}

// exceeds reports whether a line is longer than any record may be.
func (r *records) exceeds(line []byte) bool {
	n := len(line)
	if n > 0 && line[n-1] == '\n' {
		n--
	}
	return n > r.max
}

// fill reads more of the stream behind what is held, and reports whether there was any.
func (r *records) fill() (bool, error) {
	held := r.buf[r.start:r.end]
	switch {
	case r.start > 0:
		if len(held) < readAhead && len(r.buf) > readAhead {
			r.buf = make([]byte, readAhead) // the long record has gone
		}
		copy(r.buf, held)
		r.start, r.end = 0, len(held)
	case len(held) == len(r.buf) && r.err == nil:
		// In one step, and once: a record that waits for its end is never longer than max.
		r.buf = make([]byte, r.max+readAhead)
		copy(r.buf, held)
	}
	for range 100 {
		if r.err != nil {
			break
		}
		var n int
		n, r.err = r.src.Read(r.buf[r.end:])
		if n > 0 {
			r.end += n
			return true, nil
		}
	}
	switch r.err {
	case nil:
		r.err = io.ErrNoProgress
	case io.EOF:
		return false, nil
	}
	return false, r.err
}
