package groupfile

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"

	"groupsync/sync/groupfile/internal/xlsx"
	"groupsync/sync/internal/csvrecord"
	"groupsync/sync/internal/quote"
	"groupsync/sync/internal/spool"
)

// ReaderOptions say how the input is understood.
type ReaderOptions struct {
	// Name is what messages call the input.
	Name string
	// File is the input if that is a file.
	File *os.File
	// Spool says how an input that can be read only once is copied, so that it can be read again.
	Spool SpoolOptions
	// CheckEncoding reads an input that can be read again to its end before the first row: if bytes of a text can't
	// be decoded, the input is refused. Otherwise such a row is invalid.
	CheckEncoding bool

	// Columns says for some of groupId, name and externalReferenceId what the header calls them.
	Columns map[string]string
	// Encoding is the WHATWG's name of the encoding of a text without a byte order mark; "" is UTF-8, or
	// UTF-16 where that shows.
	Encoding string
	// Delimiter is what separates the cells of a text; "" is what the header shows.
	Delimiter string
	// Sheet is the sheet of a spreadsheet, by its name or its place from 1; "" is the first that is visible.
	Sheet string
	// Tidy has texts sent without blanks around them, without marks that do not show, and in Unicode's
	// normal form C.
	Tidy bool

	// ClearBlank makes an empty externalReferenceId mean that the store's is to be cleared. A file without
	// that column clears nothing, and a results file is refused.
	ClearBlank bool
	// Key is the column by which rows name their groups, name or externalReferenceId, or "" for groupId.
	// A run then lists the store's groups, and finds them by it; the column itself is not sent.
	Key string
	// only selects the records of a base that is a results file, by their status.
	only []string

	base bool // the file is read by [OpenBase]
}

// Format is how a table is written.
type Format struct {
	// Encoding is the WHATWG's name for it, or "xlsx".
	Encoding string
	// BOM: it begins with a byte order mark.
	BOM bool
	// Delimiter separates the cells.
	Delimiter byte
}

// Reader reads rows from a CSV file or an xlsx spreadsheet with a header, in memory that does not grow with
// the file. Whatever is broken in a row costs that row, and not the file.
type Reader struct {
	options  ReaderOptions
	watch    *watch            // nil: no regular file
	again    *io.SectionReader // nil: it can be read only once
	spool    *spool.Spool      // what a spreadsheet from a pipe was copied to, or nil
	text     text
	format   Format
	records  recordSource
	sheet    *xlsx.Sheet       // nil: the input is CSV
	workbook *io.SectionReader // of which sheet is a part
	columns  int
	header   []string
	names    []string
	clear    bool // an empty externalReferenceId clears the store's
	cells    *csvrecord.Decoder[Cells]
	find     func(*Row) // finds the row's group by its key; nil until that can be done
	stop     context.CancelCauseFunc
	status   *csvrecord.Decoder[statusCells] // nil: no record is skipped
	record   statusCells                     // of the last row, unless status is nil
	blank    int                             // rows of delimiters only that were passed over
	untidy   int
}

// NewReader reads the header. Its error is an [*InputError] if that can't be used.
//
// Reads end with ctx, with Close, or with the run that takes the rows: a pipe on which nothing comes holds
// nobody up.
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
		err = changed // whatever else seems wrong with the file
	}
	if closeErr := r.Close(); closeErr != nil {
		err = errors.Join(err, closeErr)
	}
	return nil, err
}

// open finds out what the input is.
func (r *Reader) open(ctx context.Context, in *bufio.Reader) (err error) {
	if r.sheet, err = r.spreadsheet(ctx, in); err != nil {
		return err
	}
	if r.sheet != nil {
		r.records, r.format = r.sheet, Format{"xlsx", true, ','}
		return nil
	}
	if r.text, err = decode(in, r.options.Encoding); err != nil {
		return &InputError{Input: r.options.Name, Reason: err.Error()}
	}
	lines := bufio.NewReaderSize(r.text, csvrecord.BufferSize)
	start := head(lines)
	line := 1
	if bytes.HasSuffix(start, []byte{'\r'}) {
		lines = bufio.NewReaderSize(&oneLineEnd{Reader: lines}, csvrecord.BufferSize)
		start = head(lines)
	}
	delimiter, n := separatorLine(start)
	if n > 0 {
		lines.Discard(n) // which was seen, and so is there
		line++
		start = head(lines)
	}
	if r.options.Delimiter != "" {
		delimiter, err = parseDelimiter(r.options.Delimiter)
	} else if n == 0 {
		delimiter, err = findDelimiter(start, r.options)
	}
	if err != nil {
		return &InputError{r.options.Name, line, err.Error()}
	}
	records := csvrecord.NewReader(lines, delimiter, csvrecord.MaxSize)
	records.LineNumber = line
	r.records, r.format = records, Format{r.text.encoding, r.text.bom, delimiter}
	return nil
}

func (r *Reader) readHeader() error {
	rec, err := r.records.Next()
	for err == nil && r.isBlank(rec) {
		r.blank++
		rec, err = r.records.Next()
	}
	switch {
	case err == io.EOF:
		return &InputError{Input: r.options.Name, Reason: "the file is empty: it needs a header with groupId, name, externalReferenceId"}
	case err != nil:
		return r.readError(err)
	case rec.Broken != "":
		return &InputError{r.options.Name, rec.Line, "the header can't be read: " + rec.Broken}
	}
	cells, err := csvrecord.Split(rec.Data, r.format.Delimiter)
	if err != nil {
		return &InputError{r.options.Name, rec.Line, fmt.Sprintf("the header can't be read: %v", err)}
	}
	if reason := r.unreadable(cells); reason != "" {
		return &InputError{r.options.Name, rec.Line, reason}
	}
	names, err := r.findColumns(cells)
	if err != nil {
		return &InputError{r.options.Name, rec.Line, err.Error()}
	}
	r.columns = len(names)
	r.header, r.names = slices.Clone(cells), names
	// Where the column is absent, no cell is empty.
	r.clear = r.options.ClearBlank && slices.Contains(names, ColumnExternalID)
	if len(r.options.only) > 0 {
		if r.status, err = newStatusDecoder(cells, r.format.Delimiter); err != nil {
			return &InputError{r.options.Name, rec.Line, err.Error()}
		}
	}
	r.cells, err = csvrecord.NewDecoder[Cells](names, r.format.Delimiter)
	return err
}

// unreadable says which cell of a row can't be read as text, and why; "" if all can.
func (r *Reader) unreadable(cells []string) string {
	for i, cell := range cells {
		if reason := r.text.unreadable(cell); reason != "" {
			if i < len(r.header) {
				return fmt.Sprintf("column %s: %s", quote.Text(r.header[i]), reason)
			}
			return fmt.Sprintf("cell %d: %s", i+1, reason)
		}
	}
	return ""
}

// keyColumn returns the column by which rows name their groups, or "" for groupId.
func (r *Reader) KeyColumn() string { return r.options.Key }

// FindBy makes the reader call find for each row, to fill in the row's group by its key.
func (r *Reader) FindBy(find func(*Row)) { r.find = find }

// FindGroup calls the function of [Reader.FindBy], if there is one, for a row that was read before it was set.
func (r *Reader) FindGroup(row *Row) {
	if r.find != nil {
		r.find(row)
	}
}

// Format is how the input is written.
func (r *Reader) Format() Format { return r.format }

// Untidy is the number of rows so far with texts that are not tidy: see [Row].
func (r *Reader) Untidy() int { return r.untidy }

// Next gives the next row, or io.EOF. A row that can't be sent says so in its Err; any other error is of
// the file, and the end of it.
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
		row.Err = &RowError{Reason: fmt.Sprintf("the row can't be read: %v", err)}
		return row, nil
	}
	row.Cells = row.Cells.apart(len(rec.Data))
	if rec.Count > r.columns && !r.blankBehind(rec.Data) {
		hint := fmt.Sprintf("a %s inside a cell needs quotes around the cell", DelimiterName(r.format.Delimiter))
		if r.sheet != nil {
			hint = "what stands outside the table has to go"
		}
		row.misread(&RowError{Reason: fmt.Sprintf("the row has %d cells and the header %d: %s", rec.Count, r.columns, hint)})
		return row, nil
	}
	if err := r.fault(row.Cells); err != nil {
		row.misread(err)
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

// Close ends the reader's reads, and removes what it has put aside. The input itself is left open.
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

// All gives the rows that are left.
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
		return changed // what it did to the reading says nothing
	}
	return fmt.Errorf("%s: reading line %d: %w", r.options.Name, r.records.Line(), err)
}
