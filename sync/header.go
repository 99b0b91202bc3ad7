package sync

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// The columns of the input, as they are called in the header.
const (
	columnGroupID    = "groupId"
	columnName       = "name"
	columnExternalID = "externalReferenceId"
)

// InputError is an input that can't be used at all.
type InputError struct {
	// Input is what the file is called, Line where in it the fault is, 0 if nowhere in particular.
	Input  string
	Line   int
	Reason string
}

func (e *InputError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Input, e.Reason)
	}
	return fmt.Sprintf("%s: line %d: %s", e.Input, e.Line, e.Reason)
}

// header finds the columns of the input. It gives the header under the columns' own names, and "" for
// those that are not read.
func header(cells []string, key string) ([]string, error) {
	found := map[string]string{}
	names := make([]string, len(cells))
	for i, cell := range cells {
		for _, column := range []string{columnGroupID, columnName, columnExternalID} {
			if canonical(cell) != canonical(column) {
				continue
			}
			if other, twice := found[column]; twice {
				return nil, fmt.Errorf("two columns are %s, %s and %s: take one of them out", column, shown(other), shown(cell))
			}
			found[column] = cell
			names[i] = column
		}
	}
	which := cmp.Or(key, columnGroupID)
	if _, ok := found[which]; !ok {
		return nil, fmt.Errorf("there is no column %s, so there is no telling which groups are meant; the columns are %s", which, listed(cells))
	}
	_, hasName := found[columnName]
	_, hasExternalID := found[columnExternalID]
	switch {
	case key == columnName && !hasExternalID:
		return nil, fmt.Errorf("there is no column externalReferenceId beside the name, by which the groups are found, so there is nothing to send; the columns are %s", listed(cells))
	case key == columnExternalID && !hasName:
		return nil, fmt.Errorf("there is no column name beside the externalReferenceId, by which the groups are found, so there is nothing to send; the columns are %s", listed(cells))
	case !hasName && !hasExternalID:
		return nil, fmt.Errorf("there is neither a column name nor a column externalReferenceId, so there is nothing to send; the columns are %s", listed(cells))
	}
	return names, nil
}

// isResults reports whether a header is that of a results file.
func isResults(cells []string) bool {
	for _, column := range []string{"status", "updateCount", "storeId"} {
		if !slices.ContainsFunc(cells, func(c string) bool { return canonical(c) == canonical(column) }) {
			return false
		}
	}
	return true
}

// canonical is a column's name without regard to case, spaces, "_" and "-".
func canonical(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '_' || r == '-' {
			return -1
		}
		return r
	}, name))
}

// listed names the columns that were found, and not too many of them.
func listed(cells []string) string {
	const most = 20
	var names []string
	for _, cell := range cells[:min(len(cells), most)] {
		names = append(names, shown(cell))
	}
	if len(cells) > most {
		names = append(names, fmt.Sprintf("and %d more", len(cells)-most))
	}
	return strings.Join(names, ", ")
}

// shown is foreign text as a message quotes it.
func shown(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
