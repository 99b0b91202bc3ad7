package groupfile

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"groupsync/sync/groupfile/internal/xlsx"
	"groupsync/sync/internal/csvrecord"
	"groupsync/sync/internal/quote"
)

// recordSource gives the records of an input, whatever its format.
type recordSource interface {
	// next gives the next record that is not blank, or io.EOF.
	Next() (csvrecord.Record, error)
	// at is the line of the input that is read next, skipped the number of blank ones passed over so far.
	Line() int
	Blank() int
}

// spreadsheet opens the input if it is a spreadsheet, which its content tells and not its name. It gives nil
// for any other, of which nothing is taken then.
func (r *Reader) spreadsheet(ctx context.Context, in *bufio.Reader) (*xlsx.Sheet, error) {
	o := r.options
	magic, _ := in.Peek(len(xlsx.OLEMagic))
	begin, _ := in.Peek(in.Buffered()) // of a pipe no more than has come
	if reason := xlsx.DescribeForeign(begin[:min(len(begin), 256)]); reason != "" {
		return nil, &InputError{Input: o.Name, Reason: reason}
	}
	isZip := strings.HasPrefix(string(magic), xlsx.ZipMagic)
	if !isZip && string(magic) != xlsx.OLEMagic {
		if o.Sheet != "" {
			return nil, &InputError{Input: o.Name, Reason: "this is not a spreadsheet (xlsx), so that it has no sheet " + quote.Text(o.Sheet)}
		}
		return nil, nil
	}
	if o.Encoding != "" || o.Delimiter != "" {
		return nil, &InputError{Input: o.Name, Reason: "this is a spreadsheet, which has no encoding and no delimiter to be chosen: leave --encoding and --delimiter out"}
	}
	file := r.again
	if file == nil { // a zip archive ends with its table of contents
		var err error
		if r.spool, err = copyToSpool(in, o.Name, o.Spool); err != nil {
			return nil, err
		}
		file = section(r.spool)
	}
	at := watchedAt{file, r.watch}
	if !isZip {
		return nil, &InputError{Input: o.Name, Reason: xlsx.DescribeCompoundFile(at)}
	}
	s, err := xlsx.Open(ctx, at, file.Size(), o.Sheet)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, &InputError{Input: o.Name, Reason: err.Error()}
	}
	r.workbook = io.NewSectionReader(at, 0, file.Size())
	return s, nil
}

// fault says which of a row's cells is of a kind that can't be sent.
func (r *Reader) fault(cells Cells) error {
	if r.sheet == nil {
		return nil // the cells of a CSV file are texts
	}
	kinds := r.sheet.Kinds()
	for i, kind := range kinds[:min(len(kinds), len(r.names))] {
		if kind == xlsx.Text {
			continue
		}
		text := ""
		switch r.names[i] {
		case ColumnGroupID:
			text = cells.GroupID
		case ColumnName:
			text = cells.Name
		case ColumnExternalID:
			text = cells.ExternalReferenceID
		default:
			continue
		}
		if reason := kindFault(kind, r.names[i], text); reason != "" {
			return &RowError{r.names[i], reason}
		}
	}
	return nil
}

const writeAsText = ": format the column as text, and write into the cell what it is to be"

// kindFault says why a cell of this kind can't be sent in a column, or "".
func kindFault(kind xlsx.Kind, column, text string) string {
	switch kind {
	case xlsx.Date:
		return fmt.Sprintf("the cell is a date or time (stored as %s)", text) + writeAsText
	case xlsx.Boolean:
		return fmt.Sprintf("the cell is the logical value %s", text) + writeAsText
	case xlsx.Error:
		return fmt.Sprintf("the cell is the error %s: mend its formula", quote.Text(text))
	case xlsx.Unsolved:
		return "the cell is a formula without a value: open the file in a spreadsheet program, and save it there"
	}
	if column == ColumnGroupID {
		return "" // as a number it is read the more strictly
	}
	switch kind {
	case xlsx.Padded:
		return fmt.Sprintf("the cell shows zeros in front of the number %s, which holds none", text) + writeAsText
	case xlsx.Number:
		return fmt.Sprintf("the cell is the number %s, and not a whole one of at most 15 digits: what it shows may not be what it holds", text) + writeAsText
	}
	return ""
}
