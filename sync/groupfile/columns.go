package groupfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"groupsync/sync/quote"
)

// The columns of the input, by their names in the header.
const (
	ColumnGroupID    = "groupId"
	ColumnName       = "name"
	ColumnExternalID = "externalReferenceId"
)

// allColumns returns the columns in the order in which [findColumns] searches them.
func allColumns() []string { return []string{ColumnGroupID, ColumnName, ColumnExternalID} }

// aliases are other names of the columns, in spreadsheets and on Ecwid's own pages, in [canonical] form.
var aliases = map[string][]string{
	ColumnGroupID:    {"id", "groupno", "groupnumber", "customergroupid"},
	ColumnName:       {"groupname", "customergroup", "customergroupname"},
	ColumnExternalID: {"externalid", "externalref", "externalreference", "extid", "referenceid", "erpid"},
}

// findColumns finds the columns in a header: by the names in the options, by their own names, and by their
// aliases. It returns the name of each cell's column, or "" for a column that is not read. With an error, which is a
// [*HeaderError] or an [*OptionError], it returns the names that it could find.
func findColumns(header []string, o ReaderOptions) ([]string, error) {
	if o.base {
		return findBaseColumns(header, o)
	}
	names := make([]string, len(header))
	var optionErr error
	for _, column := range allColumns() {
		if given, ok := o.Columns[column]; ok {
			err := matchGivenColumn(header, names, column, given)
			optionErr = cmp.Or(optionErr, err)
		}
	}
	for _, column := range allColumns() {
		if _, given := o.Columns[column]; given {
			continue
		}
		for _, accepted := range [][]string{{canonical(column)}, aliases[column]} {
			err := matchColumn(header, names, column, func(cell string) bool { return slices.Contains(accepted, canonical(cell)) })
			if err != nil {
				return names, cmp.Or(optionErr, err)
			}
			if slices.Contains(names, column) {
				break
			}
		}
	}
	if optionErr != nil {
		return names, optionErr
	}
	if missing := missingColumns(names, o.Key); len(missing) > 0 {
		return names, &HeaderError{Header: slices.Clone(header), Missing: missing, Rows: 1, renamed: describeRenamed(header, names)}
	}
	return names, nil
}

// matchGivenColumn sets the name of the cell that the options give as the header of a column.
func matchGivenColumn(header, names []string, column, given string) error {
	exactly := func(cell string) bool { return cell == given }
	loosely := func(cell string) bool { return canonical(cell) == canonical(given) }
	matches := loosely
	if slices.ContainsFunc(header, exactly) {
		matches = exactly
	}
	if err := matchColumn(header, names, column, matches); err != nil || slices.Contains(names, column) {
		return err
	}
	reason := fmt.Sprintf("there is no column %s to use as %s: %s", quote.Text(given), column, listColumns(header))
	if i := slices.IndexFunc(header, matches); i >= 0 {
		reason = fmt.Sprintf("the column %s cannot be both %s and %s", quote.Text(given), names[i], column)
	}
	return &OptionError{Option: "Columns", Column: column, Reason: reason}
}

// matchColumn sets the name of the cell that matches. It returns an error if several cells do.
func matchColumn(header, names []string, column string, matches func(cell string) bool) error {
	var found []int
	var cells []string
	for i, cell := range header {
		if names[i] == "" && matches(cell) {
			found, cells = append(found, i), append(cells, cell)
		}
	}
	switch len(found) {
	case 0:
		return nil
	case 1:
		names[found[0]] = column
		return nil
	}
	return &HeaderError{Header: slices.Clone(header), Ambiguous: column, Matches: cells, Rows: 1}
}

// missingColumns returns the required columns that are missing. If they end with name and externalReferenceId, one of
// these two is enough.
func missingColumns(names []string, key string) []string {
	has := func(column string) bool { return slices.Contains(names, column) }
	var missing []string
	if id := cmp.Or(key, ColumnGroupID); !has(id) {
		missing = append(missing, id)
	}
	values := []string{ColumnName, ColumnExternalID}
	values = slices.DeleteFunc(values, func(column string) bool { return column == key })
	if !slices.ContainsFunc(values, has) {
		missing = append(missing, values...)
	}
	return missing
}

// describeRenamed returns which columns were recognized by names other than their own, or "".
func describeRenamed(header, names []string) string {
	var list []string
	for i, name := range names {
		if name != "" && canonical(header[i]) != canonical(name) {
			list = append(list, fmt.Sprintf("%s is read as %s", quote.Text(header[i]), name))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, ", ") + ")"
}

// canonical returns the name of a column in lower case, without spaces, "_", "-" and invisible characters, which do not
// distinguish names.
func canonical(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == '_' || r == '-' {
			return -1
		}
		return r
	}, name))
}

// listColumns returns the sentence that names the columns of a header.
func listColumns(header []string) string {
	if len(header) == 1 {
		return "the only column is " + quote.Text(header[0])
	}
	return "the columns are " + quote.List(header)
}
