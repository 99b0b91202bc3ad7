package groupfile

import (
	"errors"
	"fmt"

	"groupsync/internal/quote"

	"golang.org/x/text/unicode/norm"
)

// Check is how an input is understood.
type Check struct {
	Format  Format
	Columns []Column
	// HeaderLine is the line of the header; RowsAbove counts the titles and notes above it, which are skipped.
	HeaderLine, RowsAbove int
	// Sendable, Invalid and Blank count the rows: those that would be sent, those that cannot be, and blank ones.
	// Conflicting is the number of sendable rows that the store would refuse for their external id.
	Sendable, Invalid, Blank, Conflicting int
	// Transferred is the number of rows with an external id that another group releases only in a later row: the
	// store may refuse them, unless the run lists the groups first.
	Transferred int
	// Faults are the first of the rows that cannot be sent.
	Faults []Fault
	// Untidy counts the rows with values that are not tidy, see [Row]; UntidyCells are the first of these values.
	Untidy      int
	UntidyCells []Fault
	// Misdecoded counts the values that look as if their UTF-8 had been decoded in another encoding, see
	// [Misdecoded]; MisdecodedCells are the first of them.
	Misdecoded      int
	MisdecodedCells []Fault
	// RepeatedGroups counts the groups that occur in several rows, which are applied in the order of the file;
	// Repeated are the first of them.
	RepeatedGroups int
	Repeated       []Repeated
	// ConflictingIDs counts the external ids that a second group is given although the first keeps them;
	// Conflicts are the first of them.
	ConflictingIDs int
	Conflicts      []Repeated
}

// Column is a column of the input. Field is what it is read as, "" if it is not read.
type Column struct {
	Header string `json:"header"`
	Field  string `json:"field"`
}

// Fault is something in a row that is worth a look.
type Fault struct {
	Line   int    `json:"line"`
	Column string `json:"column,omitempty"`
	Reason string `json:"reason"`
}

// Repeated is a value that occurs in several rows.
type Repeated struct {
	Value string `json:"value"`
	Lines []int  `json:"lines"`
}

const (
	// mostFaults is how many examples of each kind a check lists.
	mostFaults = 10
	// mostLines is how many lines it lists for one value.
	mostLines = 5
)

// CheckInput reads an input to its end. Its memory does not grow with the input: a large one takes temporary
// files.
func CheckInput(in *Reader) (c Check, err error) {
	c.Format, c.HeaderLine, c.RowsAbove = in.format, in.header.line, in.rowsAbove
	for i, name := range in.header.names {
		c.Columns = append(c.Columns, Column{in.header.cells[i], name})
	}
	values := newDuplicates()
	defer func() { err = errors.Join(err, values.close()) }()
	for row, err := range in.All() {
		if err != nil {
			return c, err
		}
		if row.Err != nil {
			c.Invalid++
			if len(c.Faults) < mostFaults {
				c.Faults = append(c.Faults, faultOf(row))
			}
			continue
		}
		c.Sendable++
		c.note(row)
		if err := values.add(row); err != nil {
			return c, compareError(in, err)
		}
	}
	c.Untidy, c.Blank = in.Untidy(), in.BlankRows()
	if err := values.find(&c); err != nil {
		return c, compareError(in, err)
	}
	return c, nil
}

// note adds the values of a row that are worth a look.
func (c *Check) note(row Row) {
	for _, value := range []struct{ column, cell string }{{ColumnName, row.Name}, {ColumnExternalID, row.ExternalReferenceID}} {
		if row.Untidy && isUntidy(value.cell) && len(c.UntidyCells) < mostFaults {
			c.UntidyCells = append(c.UntidyCells, Fault{row.Line, value.column, describeUntidy(value.cell)})
		}
		if original := Misdecoded(value.cell); original != "" {
			c.Misdecoded++
			if len(c.MisdecodedCells) < mostFaults {
				c.MisdecodedCells = append(c.MisdecodedCells, Fault{row.Line, value.column, fmt.Sprintf("%s was probably %s", quote.Text(value.cell), quote.Text(original))})
			}
		}
	}
}

func compareError(in *Reader, err error) error {
	return fmt.Errorf("%s: cannot compare the rows with each other: %w", in.options.Name, err)
}

// Good reports whether all rows would be sent, and none of them refused for its external id.
func (c Check) Good() bool { return c.Invalid == 0 && c.Conflicting == 0 }

func faultOf(row Row) Fault {
	f := Fault{Line: row.Line, Reason: row.Err.Error()}
	if e, ok := errors.AsType[*RowError](row.Err); ok {
		f.Column, f.Reason = e.Column, e.Reason
	}
	return f
}

// describeUntidy returns a value for a message, in which spaces and invisible characters can be seen.
func describeUntidy(s string) string {
	if norm.NFC.IsNormalString(s) {
		return quote.Text(s)
	}
	return quote.Text(s) + " has decomposed characters"
}
