// Package csvrecord splits a stream into the records of a CSV file, in bounded memory.
//
// A [Reader] returns records as bytes, with the lines on which they start. A [Decoder] turns the bytes of a record
// into a struct. The package does not know what the columns mean.
package csvrecord

import (
	"bytes"
	"fmt"
	"io"
)

// MaxSize is the size of the longest record that may be read, in bytes.
const MaxSize = 1 << 20

// BufferSize is the number of bytes that are read from a stream at once.
const BufferSize = 64 << 10

// Record is one record of a CSV file.
type Record struct {
	// Line is the line on which the record starts.
	Line int
	// Data is the record with its line end, which is added if the file ends without one. It is valid until the
	// next record is read.
	Data []byte
	// Count is the number of cells.
	Count int
	// Broken says why the record cannot be read; "" means that it can. Data of a broken record is its first line, or nil
	// if that is too long.
	Broken string
	// End is the offset of the end of the record in the stream, in bytes.
	End int64
	// Complete reports whether the record ends with a line end, and Torn whether the stream ends inside its quotes.
	Complete, Torn bool
}

// Reader splits a stream into records like [encoding/csv.Reader], with three differences. A record that is
// malformed or too long ends at its first line end, so the records after it can be read. Memory is bounded.
// And in a cell that does not begin with a quote, quotes are literal, as with LazyQuotes.
//
// The lines after the first line of a broken record are read again, as records of their own, but no line is read more
// than twice: a line inside a quoted cell has only doubled quotes, and such a line never begins a quoted cell that
// continues on the next line.
type Reader struct {
	src   io.Reader
	Comma byte
	max   int // bytes of a record, without the line end

	buf        []byte
	start, end int   // the part of buf that was read from src and is not yet part of a record
	offset     int64 // of start in the stream
	LineNumber int   // of start; 1 unless the caller sets it because src begins on a later line
	err        error // the last error of src

	blank int // blank lines so far
}

// NewReader returns a reader of the records of src, which are at most limit bytes long.
func NewReader(src io.Reader, comma byte, limit int) *Reader {
	return &Reader{src: src, Comma: comma, max: limit, buf: make([]byte, BufferSize), LineNumber: 1}
}

// NewBytesReader returns a reader of the records of data, which are at most limit bytes long. It neither copies nor
// changes data.
func NewBytesReader(data []byte, comma byte, limit int) *Reader {
	return &Reader{Comma: comma, max: limit, buf: data, end: len(data), err: io.EOF, LineNumber: 1}
}

// Line returns the line on which the next record starts.
func (r *Reader) Line() int { return r.LineNumber }

// Blank returns the number of blank lines so far, which are skipped.
func (r *Reader) Blank() int { return r.blank }

// Next returns the next record. Its error is [io.EOF] at the end, or an error of the stream.
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

// isBlankLine reports whether a line consists only of its line end. A single carriage return is a line end only at the end
// of the stream.
func isBlankLine(line []byte) bool {
	switch len(line) {
	case 1:
		return line[0] == '\n' || line[0] == '\r'
	case 2:
		return line[0] == '\r' && line[1] == '\n'
	}
	return false
}

// quoted reads the record at start, whose first line has quotes.
func (r *Reader) quoted() (Record, error) {
	const (
		cellStart = iota
		spaces    // only spaces in the cell so far
		plain
		inQuotes
		afterQuote // after a quote inside quotes: their end, or the first of two
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
					return r.cutShort("a quote is opened but not closed", true)
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
				continue // a literal quote: 5" pipe
			}
			if state == spaces {
				return r.cutShort("there are spaces before the opening quote of a cell: remove them", false)
			}
			state = inQuotes
		case state == afterQuote:
			// A carriage return before the line end is part of it.
			if ends, err := r.endsLine(i); err != nil {
				return Record{}, err
			} else if !ends {
				return r.cutShort("text follows the closing quote of a cell: double the quotes inside a cell", false)
			}
		case c == ' ' || c == '\t':
			if state == cellStart {
				state = spaces
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

// cutShort returns the first line of a record that cannot be read.
func (r *Reader) cutShort(reason string, torn bool) (Record, error) {
	n, err := r.firstLine()
	if err != nil {
		return Record{}, err
	}
	rec := r.take(n)
	rec.Broken, rec.Torn = reason, torn
	return rec, nil
}

// tooLong skips a line that is longer than a record may be, without keeping it in memory.
func (r *Reader) tooLong() (Record, error) {
	rec := Record{
		Line:   r.LineNumber,
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

// take returns the next n bytes as one record.
func (r *Reader) take(n int) Record {
	rec := Record{Line: r.LineNumber, Data: r.buf[r.start : r.start+n]}
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

// firstLine returns the length of the line at start, with its line end. If the stream ends before the line does, or
// the line is longer than a record may be, it returns the number of bytes in the buffer.
func (r *Reader) firstLine() (int, error) {
	for i := 0; ; {
		buffered := r.buf[r.start:r.end]
		if at := bytes.IndexByte(buffered[i:], '\n'); at >= 0 {
			return i + at + 1, nil
		}
		if r.exceeds(buffered) {
			return len(buffered), nil
		}
		i = len(buffered)
		if more, err := r.fill(); err != nil || !more {
			return i, err
		}
	}
}

// exceeds reports whether a line is longer than a record may be.
func (r *Reader) exceeds(line []byte) bool {
	n := len(line)
	if n > 0 && line[n-1] == '\n' {
		n--
	}
	return n > r.max
}

// fill reads more of the stream into the buffer, and reports whether there was any.
func (r *Reader) fill() (bool, error) {
	if r.err != nil {
		return false, r.streamError()
	}
	buffered := r.buf[r.start:r.end]
	switch {
	case r.start > 0:
		if len(buffered) < BufferSize && len(r.buf) > BufferSize {
			r.buf = make([]byte, BufferSize) // the long record was taken
		}
		copy(r.buf, buffered)
		r.start, r.end = 0, len(buffered)
	case len(buffered) == len(r.buf):
		// The buffer grows once: an incomplete record is never longer than max.
		r.buf = make([]byte, r.max+BufferSize)
		copy(r.buf, buffered)
	}
	for range 100 {
		var n int
		n, r.err = r.src.Read(r.buf[r.end:])
		if n > 0 {
			r.end += n
			return true, nil
		}
		if r.err != nil {
			return false, r.streamError()
		}
	}
	r.err = io.ErrNoProgress
	return false, r.err
}

// streamError returns the last error of the stream, nil if it is the end.
func (r *Reader) streamError() error {
	if r.err == io.EOF {
		return nil
	}
	return r.err
}
