package sync

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
)

// ReaderOptions say how the input is understood.
type ReaderOptions struct {
	// Name is what messages call the input.
	Name string
	// ClearBlank makes an empty externalReferenceId mean that the store's is to be cleared. A file without
	// that column clears nothing, and a results file is refused.
	ClearBlank bool
	// Key is the column by which rows name their groups, name or externalReferenceId, or "" for groupId.
	// A run then lists the store's groups, and finds them by it; the column itself is not sent.
	Key string
	// Only makes of a results file an input: rows whose status is another are passed over.
	Only []Status
	// Sheet is the sheet of a spreadsheet, by its name or its place from 1; "" is the first that is visible.
	Sheet string
	// File is the input if that is a file: a spreadsheet is read in another order than that of its bytes. Of
	// one that comes through a pipe no more than 20 MB are read.
	File *os.File
}

// Reader reads rows from a CSV file with a header, in memory that does not grow with the file.
// Whatever is broken in a row costs that row, and not the file.
type Reader struct {
	options ReaderOptions
	records recordSource
	sheet   *sheet // nil: the input is CSV
	columns int
	names   []string
	clear   bool // an empty externalReferenceId clears the store's
	cells   *decoder[Cells]
	find    func(*Row)              // finds the row's group by its key; nil until that can be done
	stop    context.CancelCauseFunc // ends its reads
	status  *decoder[statusCell]    // nil: no row is passed over
	passed  int
}

// NewReader reads the header. Its error is an [*InputError] if that can't be used.
//
// Reads end with ctx, or with the run that takes the rows: a pipe on which nothing comes holds nobody up.
func NewReader(ctx context.Context, in io.Reader, o ReaderOptions) (*Reader, error) {
	ctx, stop := context.WithCancelCause(ctx)
	in = interruptible{ctx, in}
	buffered := bufio.NewReader(in)
	r := &Reader{options: o, stop: stop}
	var err error
	if r.sheet, err = spreadsheet(ctx, buffered, o); err != nil {
		return nil, err
	}
	if r.records = r.sheet; r.sheet == nil {
		r.records = newRecords(withoutBOM(buffered), ',', maxRecord)
	}
	if err := r.readHeader(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *Reader) readHeader() error {
	rec, err := r.records.next()
	switch {
	case err == io.EOF:
		return &InputError{Input: r.options.Name, Reason: "the file is empty: it needs a header with groupId, name, externalReferenceId"}
	case err != nil:
		return r.readError(err)
	case rec.broken != "":
		return &InputError{r.options.Name, rec.line, "the header can't be read: " + rec.broken}
	}
	cells, err := cellsIn(rec.data)
	if err != nil {
		return &InputError{r.options.Name, rec.line, fmt.Sprintf("the header can't be read: %v", err)}
	}
	names, err := header(cells, r.options.Key)
	if err == nil && r.options.ClearBlank && isResults(cells) {
		err = errors.New("this is a results file: its empty cells were not meant to clear anything, so --blank clear is refused")
	}
	if err != nil {
		return &InputError{r.options.Name, rec.line, err.Error()}
	}
	r.columns = len(names)
	r.names = names
	// Where the column is absent, no cell is empty.
	r.clear = r.options.ClearBlank && slices.Contains(names, columnExternalID)
	if len(r.options.Only) > 0 {
		if r.status, err = newStatusDecoder(cells); err != nil {
			return &InputError{r.options.Name, rec.line, err.Error()}
		}
	}
	r.cells, err = newDecoder[Cells]([]byte(strings.Join(names, ",") + "\n"))
	return err
}

// Next gives the next row, or io.EOF. A row that can't be sent says so in its Err; any other error is of
// the file, and the end of it.
func (r *Reader) Next() (Row, error) {
	rec, err := r.records.next()
	for err == nil && r.passesOver(rec) {
		r.passed++
		rec, err = r.records.next()
	}
	if err == io.EOF {
		return Row{}, err
	}
	if err != nil {
		return Row{}, r.readError(err)
	}
	row := Row{Line: rec.line}
	if rec.broken != "" {
		row.Err = &RowError{Reason: rec.broken}
		return row, nil
	}
	if row.Cells, err = r.cells.decode(rec.data); err != nil {
		row.Err = &RowError{Reason: fmt.Sprintf("the row can't be read: %v", err)}
		return row, nil
	}
	row.Cells = row.Cells.apart(len(rec.data))
	if rec.cells > r.columns && !blankBehind(rec.data, r.columns) {
		hint := "a comma inside a cell needs quotes around the cell"
		if r.sheet != nil {
			hint = "what stands outside the table has to go"
		}
		row.Err = &RowError{Reason: fmt.Sprintf("the row has %d cells and the header %d: %s", rec.cells, r.columns, hint)}
		return row, nil
	}
	if row.Err = r.fault(rec.kinds, row.Cells); row.Err != nil {
		return row, nil
	}
	row.understand(r.clear, r.options.Key)
	if r.find != nil {
		r.find(&row)
	}
	return row, nil
}

// Skipped is the number of blank lines that were passed over so far.
func (r *Reader) Skipped() int { return r.records.skipped() }

// Close removes what the reader has put aside. The input itself is left open.
func (r *Reader) Close() error {
	if r.sheet == nil {
		return nil
	}
	return r.sheet.close()
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
	return fmt.Errorf("%s: reading line %d: %w", r.options.Name, r.records.at(), err)
}

// blankBehind reports whether a record's cells behind the first n are empty.
func blankBehind(data []byte, n int) bool {
	cells, err := cellsIn(data)
	return err == nil && !slices.ContainsFunc(cells[n:], func(c string) bool { return !isBlank(c) })
}

// cellsIn gives the cells of a record.
func cellsIn(data []byte) ([]string, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.LazyQuotes = true // as in a decoder
	return r.Read()
}

// withoutBOM is the stream without a UTF-8 byte order mark.
func withoutBOM(b *bufio.Reader) io.Reader {
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		b.Discard(3)
	}
	return b
}
