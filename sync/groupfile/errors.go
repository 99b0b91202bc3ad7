package groupfile

import (
	"fmt"
	"strings"

	"groupsync/internal/quote"
)

// InputError reports an input that cannot be used at all.
type InputError struct {
	// Input is what messages call the file.
	Input string
	// Line is where the fault is; 0 if it is not in one line.
	Line int
	// Err is what is wrong: an [*OptionError], a [*HeaderError], a [*DelimiterError], an [*EncodingError], or
	// any other error.
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
	Reason string
}

func (e *OptionError) Error() string { return e.Reason }

// HeaderError reports a header in which the columns cannot be found.
type HeaderError struct {
	// Header is the cells of the row that is most like a header.
	Header []string
	// Missing are the columns that no cell names. If it has both name and externalReferenceId, one of the two
	// is enough.
	Missing []string
	// Ambiguous is the column that several cells name, Matches are these cells. If it is set, Missing is empty.
	Ambiguous string
	Matches   []string
	// Rows is the number of rows of which this one is most like a header; 1: it is the first row, or the row that
	// was asked for.
	Rows int

	understood string
}

func (e *HeaderError) Error() string {
	if e.Ambiguous != "" {
		return fmt.Sprintf("several columns match %s: %s", e.Ambiguous, quote.List(e.Matches))
	}
	missing := "there is no column " + strings.Join(e.Missing, ", and none ")
	if n := len(e.Missing); n > 1 && e.Missing[n-2] == ColumnName {
		missing = "there is no column " + strings.Join(append(e.Missing[:n-2:n-2], ColumnName+" or "+ColumnExternalID), ", and none ")
	}
	if e.Rows > 1 {
		return fmt.Sprintf("%s: of the first %d rows, the one most like a header is %s%s", missing, e.Rows, quote.List(e.Header), e.understood)
	}
	return fmt.Sprintf("%s: the columns are %s%s", missing, quote.List(e.Header), e.understood)
}

// DelimiterError reports a CSV file whose cells several characters could separate.
type DelimiterError struct {
	Candidates []byte
}

func (e *DelimiterError) Error() string {
	var names []string
	for _, d := range e.Candidates {
		names = append(names, delimiterSign(d))
	}
	return fmt.Sprintf("the cells could be separated by %s", strings.Join(names, " or "))
}

// EncodingError reports a cell with bytes that are not valid in the encoding of the file.
type EncodingError struct {
	// Column is the header of the cell's column, or "cell N" if it has none.
	Column string
	Reason string
	// Guesses are the names of the encodings that the text is likely in, the likeliest first.
	Guesses []string
	// Marked reports whether the file's byte order mark says its encoding, so that no other can be chosen.
	Marked bool
}

func (e *EncodingError) Error() string { return fmt.Sprintf("%s: %s", e.Column, e.Reason) }

// RowError reports what is wrong with one row of the input.
type RowError struct {
	// Column is the column at fault, or "" when the row as a whole is broken.
	Column string
	Reason string
}

func (e *RowError) Error() string {
	if e.Column == "" {
		return e.Reason
	}
	return fmt.Sprintf("%s: %s", e.Column, e.Reason)
}
