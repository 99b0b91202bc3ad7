package sync

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Check is how an input is understood.
type Check struct {
	Format  Format
	Columns []Column
	// Sendable, Invalid and Skipped count the rows: those that would be sent, those that can't be, and blank
	// ones. Conflicting is the number of sendable ones that the store would refuse for their external id.
	Sendable, Invalid, Skipped, Conflicting int
	// HandedOn is the number of rows with an external id that another group gives up only in a later row: the
	// store may refuse them, unless the run lists the groups first.
	HandedOn int
	// Faults are the first of the rows that can't be sent.
	Faults []Fault
	// Untidy counts the rows with texts that are not tidy, see [Row]; UntidyTexts are the first of these.
	Untidy      int
	UntidyTexts []Fault
	// Repeated are groups that several rows are about: they are applied in the order of the file.
	Repeated []Repeated
	// Conflicts are external ids that a second group is given although the first keeps it.
	Conflicts []Repeated
}

// Column is a column of the input, and what it is read as: "" if it is not read.
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

// Repeated is a value that stands in several rows.
type Repeated struct {
	Value string `json:"value"`
	Lines []int  `json:"lines"`
}

// mostFaults is how many examples of each kind a check names.
const mostFaults = 10

// CheckInput reads an input to its end. It remembers each group and each external id: a file may hold more
// of them than memory does.
func CheckInput(in *Reader) (Check, error) {
	c := Check{Format: in.format}
	for i, name := range in.names {
		c.Columns = append(c.Columns, Column{in.header[i], name})
	}
	ids := newIDCheck()
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
		for _, text := range []struct{ column, cell string }{{columnName, row.Name}, {columnExternalID, row.ExternalReferenceID}} {
			if row.Untidy && isUntidy(text.cell) && len(c.UntidyTexts) < mostFaults {
				c.UntidyTexts = append(c.UntidyTexts, Fault{row.Line, text.column, revealed(cutTo(text.cell, 60))})
			}
		}
		ids.add(row)
	}
	c.Untidy, c.Skipped = in.Untidy(), in.Skipped()
	c.Repeated = ids.repeated()
	c.Conflicts, c.Conflicting = ids.conflicts()
	c.HandedOn = len(ids.doubts) - c.Conflicting
	return c, nil
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

// revealed quotes a text so that what does not show in it does: in one of letters in two pieces, all that is
// not ASCII.
func revealed(s string) string {
	if norm.NFC.IsNormalString(s) {
		return strconv.Quote(s)
	}
	return strconv.QuoteToASCII(s)
}

func cutTo(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// idCheck follows which group has which external id, as far as the file tells.
type idCheck struct {
	first   map[string]int   // group → the line of its first row
	rows    map[string][]int // the groups with several rows → their lines
	order   []string         // these groups, by their second row
	later   map[string]later // group → its external ids
	holders map[string]holder
	doubts  []doubt
}

// holder is the group that has been given an external id, and where.
type holder struct {
	group string
	line  int
}

// doubt is a row that wants an external id which another group has been given before.
type doubt struct {
	id     string
	line   int
	before holder
}

func newIDCheck() *idCheck {
	return &idCheck{first: map[string]int{}, rows: map[string][]int{}, later: map[string]later{}, holders: map[string]holder{}}
}

// mostLines bounds how many lines are remembered for one value.
const mostLines = 5

func (c *idCheck) add(row Row) {
	group := row.key
	if group == "" {
		group = strconv.Itoa(int(row.ID))
	}
	first, again := c.first[group]
	switch lines := c.rows[group]; {
	case !again:
		group = strings.Clone(group)
		c.first[group] = row.Line
	case lines == nil:
		c.order = append(c.order, group)
		c.rows[group] = []int{first, row.Line}
	case len(lines) < mostLines:
		c.rows[group] = append(lines, row.Line)
	}
	if row.Update.ExternalReferenceID.IsZero() {
		return
	}
	old := c.later[group].value
	c.later[group] = c.later[group].then(row.Line, row.Update.ExternalReferenceID.Value())
	id := c.later[group].value
	if before, taken := c.holders[id]; taken && before.group != group {
		c.doubts = append(c.doubts, doubt{id, row.Line, before})
	}
	if old != id && c.holders[old].group == group {
		delete(c.holders, old)
	}
	if id != "" {
		c.holders[id] = holder{group, row.Line}
	}
}

func (c *idCheck) repeated() (all []Repeated) {
	for _, group := range c.order {
		all = append(all, Repeated{group, c.rows[group]})
	}
	return all
}

// conflicts are the doubts that no later row resolves; n is the number of rows that the store would refuse.
func (c *idCheck) conflicts() (all []Repeated, n int) {
	at := map[string]int{}
	for _, d := range c.doubts {
		if _, freed := c.later[d.before.group].behind(d.line, d.id); freed {
			continue
		}
		n++
		i, known := at[d.id]
		if !known {
			i = len(all)
			at[d.id] = i
			all = append(all, Repeated{d.id, []int{d.before.line}})
		}
		if len(all[i].Lines) < mostLines {
			all[i].Lines = append(all[i].Lines, d.line)
		}
	}
	return all, n
}
