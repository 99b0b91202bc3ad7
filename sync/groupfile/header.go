package groupfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"groupsync/sync/internal/quote"
)

// The columns of the input, as they are called in the header.
const (
	ColumnGroupID    = "groupId"
	ColumnName       = "name"
	ColumnExternalID = "externalReferenceId"
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

// aliases are other names that spreadsheets and Ecwid's own pages have for the columns, as [canonical] has them.
var aliases = map[string][]string{
	ColumnGroupID:    {"id", "groupno", "groupnumber", "customergroupid"},
	ColumnName:       {"groupname", "customergroup", "customergroupname"},
	ColumnExternalID: {"externalid", "externalref", "externalreference", "extid", "referenceid", "erpid"},
}

// header finds the columns of the input: by the names that were given, by their own, and by other names for
// them. It gives the header under the columns' own names, and "" for those that are not read.
func header(cells []string, o ReaderOptions) ([]string, error) {
	names := make([]string, len(cells))
	found := map[string]bool{}
	for _, column := range []string{ColumnGroupID, ColumnName, ColumnExternalID} {
		if given, ok := o.Columns[column]; ok {
			if err := claimGiven(cells, names, column, given); err != nil {
				return nil, fmt.Errorf("--column %s=%s: %w", column, quote.Text(given), err)
			}
			found[column] = true
		}
	}
	for _, column := range []string{ColumnGroupID, ColumnName, ColumnExternalID} {
		if found[column] {
			continue
		}
		for _, ways := range [][]string{{canonical(column)}, aliases[column]} {
			err := claim(cells, names, column, func(cell string) bool { return slices.Contains(ways, canonical(cell)) })
			if err != nil {
				return nil, err
			}
			if slices.Contains(names, column) {
				break
			}
		}
	}
	return names, missing(cells, names, o.Key)
}

// claimGiven gives the column that was said to be meant its own name.
func claimGiven(cells, names []string, column, given string) error {
	exactly := func(cell string) bool { return cell == given }
	loosely := func(cell string) bool { return canonical(cell) == canonical(given) }
	matches := loosely
	if slices.ContainsFunc(cells, exactly) {
		matches = exactly
	}
	if err := claim(cells, names, column, matches); err != nil || slices.Contains(names, column) {
		return err
	}
	if i := slices.IndexFunc(cells, matches); i >= 0 {
		return fmt.Errorf("this column is said to be %s as well", names[i])
	}
	return fmt.Errorf("there is no such column; the columns are %s", quote.Texts(cells))
}

// claim gives the one column whose header matches its own name.
func claim(cells, names []string, column string, matches func(cell string) bool) error {
	at := -1
	for i, cell := range cells {
		if names[i] != "" || !matches(cell) {
			continue
		}
		if at >= 0 {
			way := fmt.Sprintf("say with --column %s=… which it is", column)
			if cell == cells[at] {
				way = "rename it"
			}
			return fmt.Errorf("two columns are %s, %s and %s: take one of them out, or %s", column, quote.Text(cells[at]), quote.Text(cell), way)
		}
		at = i
	}
	if at >= 0 {
		names[at] = column
	}
	return nil
}

// missing says what a header lacks.
func missing(cells, names []string, key string) error {
	has := func(column string) bool { return slices.Contains(names, column) }
	found := "the columns are " + quote.Texts(cells) + understood(cells, names)
	which := cmp.Or(key, ColumnGroupID)
	switch {
	case !has(which):
		return fmt.Errorf("there is no column %s, so there is no telling which groups are meant; %s; --column %s=… says which it is", which, found, which)
	case key == ColumnName && !has(ColumnExternalID):
		return fmt.Errorf("there is no column externalReferenceId beside the name, by which the groups are found, so there is nothing to send; %s", found)
	case key == ColumnExternalID && !has(ColumnName):
		return fmt.Errorf("there is no column name beside the externalReferenceId, by which the groups are found, so there is nothing to send; %s", found)
	case !has(ColumnName) && !has(ColumnExternalID):
		return fmt.Errorf("there is neither a column name nor a column externalReferenceId, so there is nothing to send; %s", found)
	}
	return nil
}

// understood says which columns were known by other names than their own.
func understood(cells, names []string) string {
	var said []string
	for i, name := range names {
		if name != "" && canonical(cells[i]) != canonical(name) {
			said = append(said, fmt.Sprintf("%s was taken for %s", quote.Text(cells[i]), name))
		}
	}
	if len(said) == 0 {
		return ""
	}
	return " (" + strings.Join(said, ", ") + ")"
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

// canonical is a column's name without regard to case, spaces, "_", "-" and marks that do not show.
func canonical(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == '_' || r == '-' {
			return -1
		}
		return r
	}, name))
}
