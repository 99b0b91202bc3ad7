package groupfile

import (
	"fmt"
	"strings"

	"groupsync/sync/groupfile/internal/xlsx"
	"groupsync/sync/quote"
)

// checkKinds returns a [*RowError] for the first cell of a row whose kind cannot be sent, or nil.
func (r *Reader) checkKinds(cells Cells) error {
	if r.sheet == nil {
		return nil // all cells of a CSV file are text
	}
	kinds := r.sheet.Kinds()
	for i, kind := range kinds[:min(len(kinds), len(r.header.names))] {
		if kind == xlsx.Text {
			continue
		}
		shown := ""
		switch r.header.names[i] {
		case ColumnGroupID:
			shown = cells.GroupID
		case ColumnName:
			shown = cells.Name
		case ColumnExternalID:
			shown = cells.ExternalReferenceID
		default:
			continue
		}
		if reason := kindFault(kind, r.header.names[i], shown); reason != "" {
			return &RowError{r.header.names[i], reason}
		}
	}
	return nil
}

// asText is the advice for a cell that must become a text cell. A new format alone does not change the value in the cell.
const asText = ": format the cell as text, then type the value again"

// kindFault returns why a cell of this kind cannot be sent in a column, or "" if it can. shown is what the cell shows.
func kindFault(kind xlsx.Kind, column, shown string) string {
	switch kind {
	case xlsx.Date:
		return fmt.Sprintf("the cell holds the date or time %s, not text", quote.Text(shown)) + asText
	case xlsx.Boolean:
		return fmt.Sprintf("the cell holds the logical value %s, not text", shown) + asText
	case xlsx.Error:
		return fmt.Sprintf("the cell shows the error %s: fix its formula", quote.Text(shown))
	case xlsx.NoValue:
		return "the cell holds a formula without a value: open the file in a spreadsheet program and save it"
	}
	if column == ColumnGroupID {
		return "" // parseGroupID checks the number
	}
	switch kind {
	case xlsx.Padded:
		return fmt.Sprintf("the cell shows %s, but holds the number %s: format the cell as text, then type %s again", shown, withoutPadding(shown), shown)
	case xlsx.Number:
		return fmt.Sprintf("the cell holds the number %s and may show something else, because it is not a whole number of at most 15 digits", quote.Text(shown)) + asText
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
