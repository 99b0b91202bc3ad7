package xlsx

// maxColumns is the number of columns that a sheet can have.
const maxColumns = 16384

// columnNumber returns the column of a cell reference, counted from 1: 28 for "AB12". It returns 0 if the reference is not
// valid.
func columnNumber(ref string) int {
	column := 0
	for _, c := range ref {
		switch {
		case 'A' <= c && c <= 'Z':
			column = column*26 + int(c-'A') + 1
		case '0' <= c && c <= '9':
			return column
		default:
			return 0
		}
		if column > maxColumns {
			return column
		}
	}
	return column
}

// columnName returns the letters of a column, counted from 1: "AB" for 28.
func columnName(column int) string {
	name := ""
	for ; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}
