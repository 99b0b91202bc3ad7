package groupfile

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"groupsync/internal/quote"
	"groupsync/sync/groupfile/internal/xlsx"
	"groupsync/sync/internal/csvrecord"
)

// recordSource is the records of an input, whatever its format.
type recordSource interface {
	// Next returns the next record that is not blank, or io.EOF.
	Next() (csvrecord.Record, error)
	// Line returns the line that is read next, Blank the number of blank lines so far.
	Line() int
	Blank() int
}

// spreadsheet opens the input if it is a workbook, which its content tells, not its name. It returns nil for any
// other input, and leaves that as it is.
func (r *Reader) spreadsheet(ctx context.Context, in *bufio.Reader) (*xlsx.Sheet, error) {
	o := r.options
	fail := func(err error) (*xlsx.Sheet, error) { return nil, &InputError{Input: o.Name, Err: err} }
	magic, _ := in.Peek(len(xlsx.OLEMagic))
	begin, _ := in.Peek(in.Buffered()) // of a pipe no more than has come
	if reason := xlsx.DescribeForeign(begin[:min(len(begin), 256)]); reason != "" {
		return fail(errors.New(reason))
	}
	isZip := strings.HasPrefix(string(magic), xlsx.ZipMagic)
	if !isZip && string(magic) != xlsx.OLEMagic {
		if o.Sheet != "" {
			return fail(&OptionError{Option: "Sheet", Reason: "this is not a spreadsheet (xlsx), so it has no sheet " + quote.Text(o.Sheet)})
		}
		return nil, nil
	}
	if o.Encoding != "" {
		return fail(&OptionError{Option: "Encoding", Reason: "this is a spreadsheet, which has no encoding to choose"})
	}
	r.format = Format{"xlsx", true, ','}
	if o.Delimiter != "" {
		var err error
		if r.format.Delimiter, err = parseDelimiter(o.Delimiter); err != nil {
			return fail(err)
		}
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
		return fail(errors.New(xlsx.DescribeCompoundFile(at)))
	}
	r.workbook = io.NewSectionReader(at, 0, file.Size())
	s, err := xlsx.Open(ctx, r.workbook, r.workbook.Size(), o.Sheet)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if none, ok := errors.AsType[*xlsx.NoSheetError](err); ok {
		return fail(&OptionError{Option: "Sheet", Reason: none.Error()})
	}
	if err != nil {
		return fail(err)
	}
	s.Comma = r.format.Delimiter
	return s, nil
}

// kindFault returns which of a row's cells is of a kind that cannot be sent, and why.
func (r *Reader) kindFault(cells Cells) error {
	if r.sheet == nil {
		return nil // all cells of a CSV file are text
	}
	kinds := r.sheet.Kinds()
	for i, kind := range kinds[:min(len(kinds), len(r.header.names))] {
		if kind == xlsx.Text {
			continue
		}
		text := ""
		switch r.header.names[i] {
		case ColumnGroupID:
			text = cells.GroupID
		case ColumnName:
			text = cells.Name
		case ColumnExternalID:
			text = cells.ExternalReferenceID
		default:
			continue
		}
		if reason := kindFault(kind, r.header.names[i], text); reason != "" {
			return &RowError{r.header.names[i], reason}
		}
	}
	return nil
}

// asText says how a cell becomes a text cell: the format alone does not change what it holds.
const asText = ": format the cell as text, then type the value again"

// kindFault returns why a cell of this kind, which shows this text, cannot be sent in a column; "" if it can.
func kindFault(kind xlsx.Kind, column, shown string) string {
	switch kind {
	case xlsx.Date:
		return fmt.Sprintf("the cell holds the date or time %s, and not text", shown) + asText
	case xlsx.Boolean:
		return fmt.Sprintf("the cell holds the logical value %s, and not text", shown) + asText
	case xlsx.Error:
		return fmt.Sprintf("the cell shows the error %s: fix its formula", quote.Text(shown))
	case xlsx.NoValue:
		return "the cell holds a formula without a value: open the file in a spreadsheet program, and save it there"
	}
	if column == ColumnGroupID {
		return "" // [parseGroupID] is stricter
	}
	switch kind {
	case xlsx.Padded:
		return fmt.Sprintf("the cell shows %s, but holds the number %s: format the cell as text, then type %s again", shown, withoutPadding(shown), shown)
	case xlsx.Number:
		return fmt.Sprintf("the cell holds the number %s, which is not a whole number of at most 15 digits, so it may show something else", shown) + asText
	}
	return ""
}

// withoutPadding returns a whole number without leading zeros.
func withoutPadding(s string) string {
	digits, negative := strings.CutPrefix(s, "-")
	digits = strings.TrimLeft(digits[:len(digits)-1], "0") + digits[len(digits)-1:]
	if negative {
		return "-" + digits
	}
	return digits
}
