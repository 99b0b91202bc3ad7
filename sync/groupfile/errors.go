package groupfile

import (
	"fmt"
	"strings"

	"groupsync/sync/quote"
)

// InputError reports an input that cannot be used.
type InputError struct {
	// Input is what messages call the file.
	Input string
	// Line is the line of the fault, or 0 if it is not in a single line.
	Line int
	// Err is the fault: an [*OptionError], a [*HeaderError], a [*DelimiterError], an [*EncodingError], or another
	// error.
	Err error
}

func (e *InputError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.Input, e.Err)
	}
	return fmt.Sprintf("%s: line %d: %v", e.Input, e.Line, e.Err)
}

func (e *InputError) Unwrap() error { return e.Err }

// OptionError reports an option of the reader that does not fit the input.
type OptionError struct {
	// Option is the name of the field of [ReaderOptions].
	Option string
	// Column is the key in [ReaderOptions.Columns]; "" for any other option.
	Column string
	// Unusable reports whether the input has nothing that the option could choose, so that every value is wrong.
	Unusable bool
	Reason   string
}

func (e *OptionError) Error() string { return e.Reason }

// HeaderError reports a header in which the columns cannot be found.
type HeaderError struct {
	// Header has the cells of the row that is most like a header.
	Header []string
	// Missing are the columns that the header does not have. If they include both name and externalReferenceId, the
	// header needs only one of these two.
	Missing []string
	// Ambiguous is the column that several cells name, and Matches are these cells. If it is set, Missing is empty.
	Ambiguous string
	Matches   []string
	// Rows is the number of rows that were searched for the header. It is 1 if this is the first row, or the row in
	// the options.
	Rows int

	renamed string // the result of describeRenamed
}

func (e *HeaderError) Error() string {
	if e.Ambiguous != "" {
		return fmt.Sprintf("several columns match %s: %s", e.Ambiguous, quote.List(e.Matches))
	}
	missing := "there is no column " + strings.Join(e.Missing, ", and no column ")
	if n := len(e.Missing); n > 1 && e.Missing[n-2] == ColumnName {
		missing = "there is no column " + strings.Join(append(e.Missing[:n-2:n-2], ColumnName+" or "+ColumnExternalID), ", and no column ")
	}
	if e.Rows > 1 {
		return fmt.Sprintf("%s: of the first %d rows, this one is most like a header: %s%s", missing, e.Rows, quote.List(e.Header), e.renamed)
	}
	return fmt.Sprintf("%s: %s%s", missing, listColumns(e.Header), e.renamed)
}

// DelimiterError reports a CSV file that can be read with several delimiters.
type DelimiterError struct {
	Candidates []byte
}

func (e *DelimiterError) Error() string {
	var names []string
	for _, d := range e.Candidates {
		names = append(names, formatDelimiter(d))
	}
	return fmt.Sprintf("the cells could be separated by %s", strings.Join(names, " or "))
}

// EncodingError reports a cell with bytes that are not valid in the encoding of the file.
type EncodingError struct {
	// Column is the header of the cell's column, or "cell N" if it has none.
	Column string
	Reason string
	// Guesses are the names of the encodings that the file probably has, the most likely first.
	Guesses []string
	// BOM reports whether the encoding comes from the file's byte order mark, so that no other can be chosen.
	BOM bool
}

func (e *EncodingError) Error() string { return fmt.Sprintf("%s: %s", e.Column, e.Reason) }

// RowError reports what is wrong with one row of the input.
type RowError struct {
	// Column is the column with the fault, or "" if the fault is not in a single column.
	Column string
	Reason string
}

func (e *RowError) Error() string {
	if e.Column == "" {
		return e.Reason
	}
	return fmt.Sprintf("%s: %s", e.Column, e.Reason)
}
