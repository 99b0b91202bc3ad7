package groupfile

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"groupsync/sync/groupfile/internal/xlsx"
	"groupsync/sync/internal/csvrecord"
	"groupsync/sync/internal/spool"
	"groupsync/sync/quote"
)

// Reader reads rows from a CSV file or an xlsx workbook with a header. Its memory does not grow with the file, and a row
// that cannot be read does not affect the rows after it.
type Reader struct {
	options       ReaderOptions
	watch         *watch            // nil unless the input is a regular file
	again         *io.SectionReader // nil if the input can be read only once
	spool         *spool.Spool      // the copy of a spreadsheet from a pipe, or nil
	text          decodedText
	format        Format
	records       recordSource
	sheet         *xlsx.Sheet       // nil if the input is CSV
	workbook      *io.SectionReader // the file that contains sheet
	header        candidate
	clear         bool // an empty externalReferenceId clears the one in the store
	cells         *csvrecord.Decoder[Cells]
	find          func(Row) Row // see SetGroupFinder; nil until then
	stop          context.CancelCauseFunc
	statusDecoder *csvrecord.Decoder[statusCells] // nil if rows of every status are read
	lastStatus    statusCells                     // of the last row, unless statusDecoder is nil

	blank     int // rows with nothing but blank cells
	rowsAbove int // rows above the header that are not blank
	untidy    int // rows with untidy values
}

// recordSource returns the records of an input in any format.
type recordSource interface {
	// Next returns the next record that is not blank, or io.EOF.
	Next() (csvrecord.Record, error)
	// Line returns the number of the next line.
	Line() int
	// Blank returns the number of blank lines so far.
	Blank() int
}

// Format is the format of an input.
type Format struct {
	// Encoding is the WHATWG name of the encoding, or "xlsx".
	Encoding string
	// BOM reports whether the file begins with a byte order mark.
	BOM bool
	// Delimiter separates the cells.
	Delimiter byte
}

// NewReader returns a reader that has read the header. Its error is an [*InputError] if the input cannot be used,
// and a [*SpoolError] or [*SpoolLimitError] if an input cannot be copied to a temporary file.
//
// All reads end when ctx is done, and after Close or Stop, even while they wait for data.
func NewReader(ctx context.Context, in io.Reader, o ReaderOptions) (*Reader, error) {
	w, err := newWatch(o.File, o.Name)
	if err != nil {
		return nil, err
	}
	return newReader(ctx, in, o, w, randomAccess(in, o, w))
}

// newReader returns a reader of in that has read the header. If again is not nil, it is the same input for further reads.
func newReader(ctx context.Context, in io.Reader, o ReaderOptions, w *watch, again *io.SectionReader) (*Reader, error) {
	ctx, stop := context.WithCancelCause(ctx)
	r := &Reader{options: o, watch: w, again: again, stop: stop}
	err := r.open(ctx, bufio.NewReader(newInterruptible(ctx, watched{in, w}, deadlineSource(in, o))))
	if err == nil {
		err = r.readHeader()
	}
	if err == nil {
		err = r.checkEncoding(ctx)
	}
	if err == nil {
		return r, nil
	}
	if changed := w.err(); changed != nil {
		err = changed // it may be the cause of any other error
	}
	if closeErr := r.Close(); closeErr != nil {
		err = errors.Join(err, closeErr)
	}
	return nil, err
}

// open detects the format of the input: a workbook, or a CSV file with its encoding and delimiter.
func (r *Reader) open(ctx context.Context, in *bufio.Reader) (err error) {
	if r.sheet, err = r.openSpreadsheet(ctx, in); err != nil {
		return err
	}
	if r.sheet != nil {
		r.records = r.sheet
		return nil
	}
	if r.text, err = decode(in, r.options.Encoding); err != nil {
		return &InputError{Input: r.options.Name, Err: err}
	}
	lines := bufio.NewReaderSize(r.text, csvrecord.BufferSize)
	start := peekFirstLine(lines)
	line := 1
	if bytes.HasSuffix(start, []byte{'\r'}) {
		lines = bufio.NewReaderSize(&lineFeedReader{Reader: lines}, csvrecord.BufferSize)
		start = peekFirstLine(lines)
	}
	delimiter, n := separatorLine(start)
	if n > 0 {
		_, _ = lines.Discard(n) // no error: these bytes are in the buffer
		line++
	}
	if r.options.Delimiter != "" {
		delimiter, err = parseDelimiter(r.options.Delimiter)
	} else if n == 0 {
		search := delimiterSearch{r.options, line}
		delimiter, err = search.find(peekUntil(lines, search.decided))
	}
	if err != nil {
		return &InputError{Input: r.options.Name, Err: err}
	}
	records := csvrecord.NewReader(lines, delimiter, csvrecord.MaxSize)
	records.LineNumber = line
	r.records, r.format = records, Format{r.text.encoding, r.text.bom, delimiter}
	return nil
}

// readHeader reads the input up to the header, and prepares for reading the rows.
func (r *Reader) readHeader() (err error) {
	if r.header, err = r.findHeader(); err != nil {
		return err
	}
	fail := func(err error) error { return &InputError{r.options.Name, r.header.line, err} }
	if r.options.base {
		r.setBaseOptions(r.header)
	} else if r.options.ClearBlank && isResults(r.header.cells) {
		return fail(&OptionError{Option: "ClearBlank", Reason: "this is a results file: its empty cells were not meant to clear anything"})
	}
	// A file without the column clears nothing.
	r.clear = r.options.ClearBlank && slices.Contains(r.header.names, ColumnExternalID)
	if len(r.options.statuses) > 0 {
		if r.statusDecoder, err = newStatusDecoder(r.header.cells, r.format.Delimiter); err != nil {
			return fail(err)
		}
	}
	r.cells, err = csvrecord.NewDecoder[Cells](r.header.names, r.format.Delimiter)
	return err
}

// HeaderLine returns the line of the header.
func (r *Reader) HeaderLine() int { return r.header.line }

// RowsAbove returns the number of rows above the header that are not blank, such as titles and notes.
func (r *Reader) RowsAbove() int { return r.rowsAbove }

// encodingError returns an [*EncodingError] for the first cell with bytes that cannot be decoded, or nil.
func (r *Reader) encodingError(cells []string) error {
	for i, cell := range cells {
		if e := r.text.encodingError(cell); e != nil {
			e.Column = fmt.Sprintf("cell %d", i+1)
			if i < len(r.header.cells) {
				e.Column = "column " + quote.Text(r.header.cells[i])
			}
			return e
		}
	}
	return nil
}

// KeyColumn returns the column by which rows identify their groups, or "" for groupId.
func (r *Reader) KeyColumn() string { return r.options.Key }

// SetGroupFinder sets a function that finds the group of a row by its key, and returns the row with its ID. The reader
// calls it for each later row.
func (r *Reader) SetGroupFinder(find func(Row) Row) { r.find = find }

// FindGroup finds the group of a row that was read before [Reader.SetGroupFinder].
func (r *Reader) FindGroup(row *Row) {
	if r.find != nil {
		*row = r.find(*row)
	}
}

// Format returns the format of the input.
func (r *Reader) Format() Format { return r.format }

// Untidy returns the number of rows so far with values that [Tidy] would change.
func (r *Reader) Untidy() int { return r.untidy }

// Next returns the next row, or [io.EOF]. A row that cannot be sent has an Err, and Next returns no error for it. After any
// error of Next, there are no more rows.
func (r *Reader) Next() (Row, error) {
	rec, err := r.records.Next()
	for err == nil {
		if r.isBlank(rec) {
			r.blank++
		} else if !r.skips(rec) {
			break
		}
		rec, err = r.records.Next()
	}
	if err == io.EOF {
		return Row{}, err
	}
	if err != nil {
		return Row{}, r.readError(err)
	}
	row := Row{Line: rec.Line}
	if rec.Broken != "" {
		row.Err = &RowError{Reason: rec.Broken}
		return row, nil
	}
	if row.Cells, err = r.cells.Decode(rec.Data); err != nil {
		row.Err = &RowError{Reason: fmt.Sprintf("the row cannot be read: %v", err)}
		return row, nil
	}
	row.Cells = row.Cells.compact(len(rec.Data))
	if columns := len(r.header.cells); rec.Count > columns && !r.isBlankFrom(columns, rec.Data) {
		reason := fmt.Sprintf("the row has %d cells and the header has %d: ", rec.Count, columns)
		if r.sheet != nil {
			row.Fail(&RowError{Reason: reason + "remove the cells outside the table"})
		} else {
			reason += fmt.Sprintf("a %s inside a cell needs quotes around the cell", DelimiterName(r.format.Delimiter))
			row.failExtraCells(&RowError{Reason: reason}, r.header.names)
		}
		return row, nil
	}
	if err := r.checkKinds(row.Cells); err != nil {
		row.Fail(err)
		return row, nil
	}
	row.setUpdate(r.clear, r.options.Tidy, r.options.Key)
	if row.Untidy {
		r.untidy++
	}
	r.FindGroup(&row)
	return row, nil
}

// BlankRows returns the number of blank rows that were skipped so far.
func (r *Reader) BlankRows() int { return r.records.Blank() + r.blank }

// Stop ends the reads of the reader, even one that waits for data. Those reads return cause.
func (r *Reader) Stop(cause error) { r.stop(cause) }

// errClosed is the error of reads after Close.
var errClosed = errors.New("the reader is closed")

// Close ends the reads of the reader and removes its temporary files. It does not close the input.
func (r *Reader) Close() error {
	r.stop(errClosed)
	var err error
	if r.sheet != nil {
		err = r.sheet.Close()
	}
	if r.spool != nil {
		err = errors.Join(err, r.spool.Close())
	}
	return err
}

// All returns the remaining rows. An error is the last element.
func (r *Reader) All() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for {
			row, err := r.Next()
			if err == io.EOF || !yield(row, err) || err != nil {
				return
			}
		}
	}
}

func (r *Reader) readError(err error) error {
	if changed := r.watch.err(); changed != nil {
		return changed
	}
	return fmt.Errorf("%s: reading line %d: %w", r.options.Name, r.records.Line(), err)
}
