package groupfile

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"groupsync/sync/groupfile/internal/xlsx"
	"groupsync/sync/quote"
)

// openSpreadsheet opens the input if its content is that of a workbook. It returns nil for a CSV file, of which it reads
// nothing.
func (r *Reader) openSpreadsheet(ctx context.Context, in *bufio.Reader) (*xlsx.Sheet, error) {
	o := r.options
	fail := func(err error) (*xlsx.Sheet, error) { return nil, &InputError{Input: o.Name, Err: err} }
	magic, _ := in.Peek(len(xlsx.OLEMagic))
	begin, _ := in.Peek(in.Buffered()) // of a pipe, only what it has sent so far
	if reason := xlsx.DescribeOtherFormat(begin[:min(len(begin), 256)]); reason != "" {
		return fail(errors.New(reason))
	}
	isZip := strings.HasPrefix(string(magic), xlsx.ZipMagic)
	if !isZip && string(magic) != xlsx.OLEMagic {
		if o.Sheet != "" {
			return fail(&OptionError{Option: "Sheet", Unusable: true, Reason: "this is not a spreadsheet (xlsx), so it has no sheet " + quote.Text(o.Sheet)})
		}
		return nil, nil
	}
	if o.Encoding != "" {
		return fail(&OptionError{Option: "Encoding", Unusable: true, Reason: "this is a spreadsheet, which has no encoding to choose"})
	}
	r.format = Format{Encoding: "xlsx", Delimiter: ','}
	if o.Delimiter != "" {
		var err error
		if r.format.Delimiter, err = parseDelimiter(o.Delimiter); err != nil {
			return fail(err)
		}
	}
	file := r.again
	if file == nil { // the table of contents of a zip archive is at its end
		var err error
		if r.spool, err = copyToSpool(in, o.Name, o.Spool); err != nil {
			return nil, err
		}
		file = sectionOf(r.spool)
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
	if spool, ok := errors.AsType[*xlsx.SpoolError](err); ok {
		return nil, &SpoolError{Input: o.Name, Text: true, Err: spool.Err}
	}
	if err != nil {
		return fail(err)
	}
	s.Comma = r.format.Delimiter
	return s, nil
}
