package sync

import (
	"bytes"
	"fmt"
	"io"
)

// maxRecord is the longest record that is read as one, in bytes.
const maxRecord = 1 << 20

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

// records splits a stream into records as encoding/csv does, with two differences: a record that is
// malformed or longer than max costs itself and not what follows, for it ends at its first line end; and
// memory is bounded by max.
type records struct {
	src   io.Reader
	comma byte
	max   int

	buf        []byte
	start, end int   // the part of buf that is read and not used up
	offset     int64 // of start in the stream
	line       int   // of start
	eof        bool

	blank int // blank lines passed over
}

func newRecords(src io.Reader, comma byte, limit int) *records {
	return &records{src: src, comma: comma, max: limit, buf: make([]byte, 64<<10), line: 1}
}

// next gives the next record. Its error is io.EOF at the end, or the stream's.
func (r *records) next() (record, error) {
	for {
		lineEnd, err := r.find('\n', 0)
		if err != nil && err != io.EOF {
			return record{}, err
		}
		if lineEnd < 0 && r.end-r.start > r.max {
			return r.tooLong()
		}
		line := r.buf[r.start:r.end]
		if lineEnd >= 0 {
			line = line[:lineEnd+1]
		}
		switch {
		case len(line) == 0:
			return record{}, io.EOF
		case len(bytes.TrimRight(line, "\r\n")) == 0 && bytes.Count(line, []byte{'\r'}) <= 1:
			r.blank++
			r.take(len(line))
			continue
		case bytes.IndexByte(line, '"') < 0 && len(line) <= r.max:
			rec := r.take(len(line))
			rec.cells = bytes.Count(line, []byte{r.comma}) + 1
			return rec, nil
		}
		return r.quoted()
	}
}

// quoted takes the record at start, which has quotes or is very long.
func (r *records) quoted() (record, error) {
	const (
		cellStart = iota
		plain
		inQuotes
		afterQuote // a quote inside quotes: the end of them, or the first of two
	)
	state, cells := cellStart, 1
	for i := 0; ; i++ {
		if i > r.max {
			return r.cutShort(fmt.Sprintf("the row is longer than %d bytes: is a quote not closed?", r.max), false)
		}
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
		case state == inQuotes:
			if c == '"' {
				state = afterQuote
			}
		case c == '\n':
			rec := r.take(i + 1)
			rec.cells = cells
			return rec, nil
		case c == r.comma:
			state = cellStart
			cells++
		case c == '"':
			switch state {
			case cellStart, afterQuote:
				state = inQuotes
			default:
				return r.cutShort("a quote stands inside a cell that does not begin with one: quotes go around the whole cell, and are doubled inside it", false)
			}
		case state == afterQuote:
			// A carriage return belongs to the line end if nothing but that follows.
			if ends, err := r.endsLine(i); err != nil {
				return record{}, err
			} else if !ends {
				return r.cutShort("text follows the closing quote of a cell: quotes inside a cell are doubled", false)
			}
		case state == cellStart:
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
	lineEnd, err := r.find('\n', 0)
	if err != nil && err != io.EOF {
		return record{}, err
	}
	if lineEnd < 0 && r.end-r.start > r.max {
		return r.tooLong()
	}
	n := r.end - r.start
	if lineEnd >= 0 {
		n = lineEnd + 1
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

// find gives the place of c behind start, from i on, or -1 and io.EOF if the stream has none; or -1 and
// nil if there is none within the length of a record.
func (r *records) find(c byte, i int) (int, error) {
	for {
		if at := bytes.IndexByte(r.buf[r.start+i:r.end], c); at >= 0 {
			return i + at, nil
		}
		i = r.end - r.start
		if i > r.max {
			return -1, nil
		}
		if more, err := r.fill(); err != nil {
			return -1, err
		} else if !more {
			return -1, io.EOF
		}
	}
}

// fill reads more of the stream behind what is held, and reports whether there was any.
func (r *records) fill() (bool, error) {
	if r.eof {
		return false, nil
	}
	if r.start > 0 {
		copy(r.buf, r.buf[r.start:r.end])
		r.start, r.end = 0, r.end-r.start
	}
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	for range 100 {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		switch {
		case err == io.EOF:
			r.eof = true
			return n > 0, nil
		case err != nil:
			return false, err
		case n > 0:
			return true, nil
		}
	}
	return false, io.ErrNoProgress
}
