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

	"groupsync/internal/quote"
	"groupsync/sync/groupfile/internal/xlsx"
	"groupsync/sync/internal/csvrecord"
	"groupsync/sync/internal/spool"
)

// Reader reads rows from a CSV file or an xlsx workbook with a header. Its memory does not grow with the file,
// and a row that cannot be read does not affect the rows after it.
type Reader struct {
	options  ReaderOptions
	watch    *watch            // nil: no regular file
	again    *io.SectionReader // nil: it can be read only once
	spool    *spool.Spool      // what a spreadsheet from a pipe was copied to, or nil
	text     decodedText
	format   Format
	records  recordSource
	sheet    *xlsx.Sheet       // nil: the input is CSV
	workbook *io.SectionReader // the file that contains sheet
	header   candidate
	clear    bool // an empty externalReferenceId clears the store's
	cells    *csvrecord.Decoder[Cells]
	find     func(*Row) // finds the row's group by its key; nil until that is possible
	stop     context.CancelCauseFunc
	status   *csvrecord.Decoder[statusCells] // nil: rows of every status are read
	record   statusCells                     // of the last row, unless status is nil

	blank     int // rows of empty cells
	rowsAbove int // rows above the header that are not blank
	untidy    int
}

// NewReader reads the header. Its error is an [*InputError] if the input cannot be used.
//
// Reads end with ctx, with Close and with Stop, also while a pipe brings no data.
func NewReader(ctx context.Context, in io.Reader, o ReaderOptions) (*Reader, error) {
	w, err := newWatch(o.File, o.Name)
	if err != nil {
		return nil, err
	}
	return newReader(ctx, in, o, w, repeatable(in, o, w))
}

// newReader reads the header of in. The same input again, if it is not nil, can be read in any order.
func newReader(ctx context.Context, in io.Reader, o ReaderOptions, w *watch, again *io.SectionReader) (*Reader, error) {
	ctx, stop := context.WithCancelCause(ctx)
	r := &Reader{options: o, watch: w, again: again, stop: stop}
	err := r.open(ctx, bufio.NewReader(newInterruptible(ctx, watched{in, w}, deadlines(in, o))))
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
		err = changed // any other error may be due to it
	}
	if closeErr := r.Close(); closeErr != nil {
		err = errors.Join(err, closeErr)
	}
	return nil, err
}

// open finds out what the input is: a workbook, or a CSV file with its encoding and delimiter.
func (r *Reader) open(ctx context.Context, in *bufio.Reader) (err error) {
	if r.sheet, err = r.spreadsheet(ctx, in); err != nil {
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
		lines = bufio.NewReaderSize(&lineFeeds{Reader: lines}, csvrecord.BufferSize)
		start = peekFirstLine(lines)
	}
	delimiter, n := separatorLine(start)
	if n > 0 {
		_, _ = lines.Discard(n) // it was peeked at
		line++
	}
	if r.options.Delimiter != "" {
		delimiter, err = parseDelimiter(r.options.Delimiter)
	} else if n == 0 {
		search := delimiterSearch{r.options, line}
		delimiter, err = search.find(peekUntil(lines, search.enough))
	}
	if err != nil {
		return &InputError{Input: r.options.Name, Err: err}
	}
	records := csvrecord.NewReader(lines, delimiter, csvrecord.MaxSize)
	records.LineNumber = line
	r.records, r.format = records, Format{r.text.encoding, r.text.bom, delimiter}
	return nil
}

// readHeader finds the header and prepares the reading of rows.
func (r *Reader) readHeader() (err error) {
	if r.header, err = r.findHeader(); err != nil {
		return err
	}
	fail := func(err error) error { return &InputError{r.options.Name, r.header.line, err} }
	if r.options.base {
		r.readAsBase(r.header)
	} else if r.options.ClearBlank && isResults(r.header.cells) {
		return fail(&OptionError{Option: "ClearBlank", Reason: "this is a results file: its empty cells were not meant to clear anything"})
	}
	// Without the column no cell is empty.
	r.clear = r.options.ClearBlank && slices.Contains(r.header.names, ColumnExternalID)
	if len(r.options.only) > 0 {
		if r.status, err = newStatusDecoder(r.header.cells, r.format.Delimiter); err != nil {
			return fail(err)
		}
	}
	r.cells, err = csvrecord.NewDecoder[Cells](r.header.names, r.format.Delimiter)
	return err
}

// HeaderLine returns the line of the header.
func (r *Reader) HeaderLine() int { return r.header.line }

// RowsAbove returns the number of rows above the header that are not blank: titles and notes.
func (r *Reader) RowsAbove() int { return r.rowsAbove }

// unreadable returns an [*EncodingError] for the first cell that cannot be read as text, or nil.
func (r *Reader) unreadable(cells []string) error {
	for i, cell := range cells {
		if e := r.text.unreadable(cell); e != nil {
			e.Column = fmt.Sprintf("cell %d", i+1)
			if i < len(r.header.cells) {
				e.Column = "column " + quote.Text(r.header.cells[i])
			}
			return e
		}
	}
	return nil
}

// KeyColumn returns the column by which rows name their groups, or "" for groupId.
func (r *Reader) KeyColumn() string { return r.options.Key }

// FindBy makes the reader call find for each row, to fill in the row's group by its key.
func (r *Reader) FindBy(find func(*Row)) { r.find = find }

// FindGroup calls the function of [Reader.FindBy], if there is one, for a row that was read before it was set.
func (r *Reader) FindGroup(row *Row) {
	if r.find != nil {
		r.find(row)
	}
}

// Format returns how the input is written.
func (r *Reader) Format() Format { return r.format }

// Untidy returns the number of rows so far with values that are not tidy: see [Row].
func (r *Reader) Untidy() int { return r.untidy }

// Next returns the next row, or io.EOF. A row that cannot be sent has an Err. An error of Next
// concerns the file, and no row follows it.
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
	row.Cells = row.Cells.detached(len(rec.Data))
	if columns := len(r.header.cells); rec.Count > columns && !r.isBlankFrom(columns, rec.Data) {
		reason := fmt.Sprintf("the row has %d cells and the header has %d: ", rec.Count, columns)
		if r.sheet != nil {
			row.Fail(&RowError{Reason: reason + "remove the cells outside the table"})
		} else {
			reason += fmt.Sprintf("a %s inside a cell needs quotes around the cell", DelimiterName(r.format.Delimiter))
			row.misread(&RowError{Reason: reason}, r.header.names)
		}
		return row, nil
	}
	if err := r.kindFault(row.Cells); err != nil {
		row.Fail(err)
		return row, nil
	}
	row.understand(r.clear, r.options.Tidy, r.options.Key)
	if row.Untidy {
		r.untidy++
	}
	r.FindGroup(&row)
	return row, nil
}

// BlankRows returns the number of blank rows so far; they are skipped.
func (r *Reader) BlankRows() int { return r.records.Blank() + r.blank }

// Stop ends the reads of the reader, also one that is waiting for data. They return cause.
func (r *Reader) Stop(cause error) { r.stop(cause) }

// errClosed ends the reads of a reader that is closed.
var errClosed = errors.New("the reader is closed")

// Close ends the reader's reads and removes its temporary files. The input itself is left open.
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
