package csvrecord

import (
	"bytes"
	"fmt"
	"io"
)

// maxRecord is the longest record that is read as one, in bytes.
const MaxSize = 1 << 20

// readAhead is how much of a stream is read at once, in bytes.
const BufferSize = 64 << 10

// record is one record of a CSV file, as its bytes.
type Record struct {
	// line is the line on which it begins.
	Line int
	// data is the record with its line end; there is one even if the file ends without. It is valid until
	// the next record is read.
	Data []byte
	// cells is the number of cells.
	Count int
	// broken says why the record can't be read, "" if it can. data then is its first line, or nil.
	Broken string
	// begin and end are its place in the stream, in bytes.
	begin, End int64
	// whole: it ended with a line end, not with the stream. torn: the stream ends inside its quotes.
	Complete, Torn bool
}

// records splits a stream into records as encoding/csv does, with three differences: a record that is
// malformed or longer than max costs itself and not what follows, for it ends at its first line end; memory
// is bounded by max; and a quote inside a cell that begins with something else is a quote, as everywhere
// else but in Go ([csv.Reader] has LazyQuotes for it).
//
// What follows the first line of a broken record is read twice, but no more often: a record that reaches
// beyond a line passes only quotes that come in pairs, side by side, and no such line begins another.
type Reader struct {
	src   io.Reader
	Comma byte
	max   int // bytes, without the line end

	buf        []byte
	start, end int   // the part of buf that is read and not used up
	offset     int64 // of start in the stream
	LineNumber int   // of start
	err        error // what src ended with

	blank int // blank lines passed over
}

func NewReader(src io.Reader, comma byte, limit int) *Reader {
	return &Reader{src: src, Comma: comma, max: limit, buf: make([]byte, BufferSize), LineNumber: 1}
}

func (r *Reader) Line() int  { return r.LineNumber }
func (r *Reader) Blank() int { return r.blank }

// next gives the next record. Its error is io.EOF at the end, or the stream's.
func (r *Reader) Next() (Record, error) {
	for {
		n, err := r.firstLine()
		if err != nil {
			return Record{}, err
		}
		line := r.buf[r.start : r.start+n]
		switch {
		case n == 0:
			return Record{}, io.EOF
		case r.exceeds(line):
			return r.tooLong()
		case isBlankLine(line):
			r.blank++
			r.take(n)
			continue
		case bytes.IndexByte(line, '"') < 0:
			rec := r.take(n)
			rec.Count = bytes.Count(line, []byte{r.Comma}) + 1
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
func (r *Reader) quoted() (Record, error) {
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
				return Record{}, err
			}
			if !more {
				if state == inQuotes {
					return r.cutShort("a quote is opened and not closed", true)
				}
				rec := r.take(i)
				rec.Count = cells
				return rec, nil
			}
		}
		c := r.buf[r.start+i]
		switch {
		case c == '\n' && state != inQuotes:
			rec := r.take(i + 1)
			rec.Count = cells
			return rec, nil
		case i == r.max:
			return r.cutShort(fmt.Sprintf("the row is longer than %d bytes: is a quote not closed?", r.max), false)
		case state == inQuotes:
			if c == '"' {
				state = afterQuote
			}
		case c == r.Comma:
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
				return Record{}, err
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
func (r *Reader) endsLine(i int) (bool, error) {
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
func (r *Reader) cutShort(reason string, torn bool) (Record, error) {
	n, err := r.firstLine()
	if err != nil {
		return Record{}, err
	}
	rec := r.take(n)
	rec.Broken, rec.Torn = reason, torn
	return rec, nil
}

// tooLong passes over a line that is longer than any record may be, without holding it.
func (r *Reader) tooLong() (Record, error) {
	rec := Record{
		Line:   r.LineNumber,
		begin:  r.offset,
		Broken: fmt.Sprintf("the row is longer than %d bytes", r.max),
	}
	for {
		if i := bytes.IndexByte(r.buf[r.start:r.end], '\n'); i >= 0 {
			rec.Complete = true
			r.take(i + 1)
			break
		}
		r.offset += int64(r.end - r.start)
		r.start, r.end = 0, 0
		if more, err := r.fill(); err != nil {
			return Record{}, err
		} else if !more {
			break
		}
	}
	rec.End = r.offset
	return rec, nil
}

// take uses up n bytes as one record.
func (r *Reader) take(n int) Record {
	rec := Record{Line: r.LineNumber, begin: r.offset, Data: r.buf[r.start : r.start+n]}
	r.LineNumber += bytes.Count(rec.Data, []byte{'\n'})
	r.start += n
	r.offset += int64(n)
	rec.End = r.offset
	rec.Complete = bytes.HasSuffix(rec.Data, []byte{'\n'})
	if !rec.Complete {
		rec.Data = append(bytes.Clone(rec.Data), '\n')
	}
	return rec
}

// firstLine gives the length of the line at start, with its line end if it has one. It is the length of
// what is held if the stream ends before the line does, or the line [records.exceeds] any record.
func (r *Reader) firstLine() (int, error) {
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
func (r *Reader) exceeds(line []byte) bool {
	n := len(line)
	if n > 0 && line[n-1] == '\n' {
		n--
	}
	return n > r.max
}

// fill reads more of the stream behind what is held, and reports whether there was any.
func (r *Reader) fill() (bool, error) {
	held := r.buf[r.start:r.end]
	switch {
	case r.start > 0:
		if len(held) < BufferSize && len(r.buf) > BufferSize {
			r.buf = make([]byte, BufferSize) // the long record has gone
		}
		copy(r.buf, held)
		r.start, r.end = 0, len(held)
	case len(held) == len(r.buf) && r.err == nil:
		// In one step, and once: a record that waits for its end is never longer than max.
		r.buf = make([]byte, r.max+BufferSize)
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
