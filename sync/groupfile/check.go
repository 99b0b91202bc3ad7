package groupfile

import (
	"errors"
	"fmt"

	"groupsync/sync/quote"

	"golang.org/x/text/unicode/norm"
)

// Check is how an input is read, and what may be wrong with it.
type Check struct {
	Format  Format
	Columns []Column
	// HeaderLine is the line of the header. RowsAbove counts the skipped rows above it, such as titles and notes.
	HeaderLine, RowsAbove int
	// Sendable counts the rows that can be sent, Invalid those that cannot, and Blank those without a value.
	// Conflicting counts the sendable rows that the store would refuse because another group has their external id.
	Sendable, Invalid, Blank, Conflicting int
	// Transferred counts the rows with an external id that another group releases in a later row. The store may
	// refuse them, unless the run lists the groups first.
	Transferred int
	// Faults are the first rows that cannot be sent.
	Faults []Fault
	// Untidy counts the rows with values that [Tidy] would change; UntidyCells are the first of these values.
	Untidy      int
	UntidyCells []Fault
	// Misdecoded counts the values that were probably decoded with the wrong encoding, see [Misdecoded];
	// MisdecodedCells are the first of them.
	Misdecoded      int
	MisdecodedCells []Fault
	// RepeatedGroups counts the groups with several rows; Repeated are the first of them.
	RepeatedGroups int
	Repeated       []Repeated
	// ConflictingIDs counts the external ids that are assigned to a second group although the first one keeps
	// them; Conflicts are the first of them.
	ConflictingIDs int
	Conflicts      []Repeated
}

// Column is a column of the input. Field is the field that it fills, or "" if it is ignored.
type Column struct {
	Header string `json:"header"`
	Field  string `json:"field"`
}

// Fault is a problem in a row, or a value that is probably wrong.
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
	maxExamples     = 10 // of each kind
	maxExampleLines = 5  // of one value
)

// CheckInput reads an input to its end, and returns how it is read and what may be wrong with it. Its memory does not
// grow with the input: for a large input it uses temporary files.
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
			if len(c.Faults) < maxExamples {
				c.Faults = append(c.Faults, newFault(row))
			}
			continue
		}
		c.Sendable++
		c.addWarnings(row)
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

// addWarnings adds the untidy and misdecoded values of a row.
func (c *Check) addWarnings(row Row) {
	for _, value := range []struct{ column, cell string }{{ColumnName, row.Name}, {ColumnExternalID, row.ExternalReferenceID}} {
		if row.Untidy && isUntidy(value.cell) && len(c.UntidyCells) < maxExamples {
			c.UntidyCells = append(c.UntidyCells, Fault{row.Line, value.column, describeUntidy(value.cell)})
		}
		if original := Misdecoded(value.cell); original != "" {
			c.Misdecoded++
			if len(c.MisdecodedCells) < maxExamples {
				c.MisdecodedCells = append(c.MisdecodedCells, Fault{row.Line, value.column, fmt.Sprintf("%s was probably %s", quote.Text(value.cell), quote.Text(original))})
			}
		}
	}
}

func compareError(in *Reader, err error) error {
	return fmt.Errorf("%s: cannot compare the rows with each other: %w", in.options.Name, err)
}

// Good reports whether all rows can be sent, and none has an external id that another group keeps.
func (c Check) Good() bool { return c.Invalid == 0 && c.Conflicting == 0 }

func newFault(row Row) Fault {
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
