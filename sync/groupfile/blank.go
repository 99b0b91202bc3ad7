package groupfile

import (
	"slices"
	"unicode/utf8"

	"groupsync/sync/internal/csvrecord"
)

// isBlank reports whether all cells of a record are blank. Spreadsheet programs write hundreds of such rows below a table.
func (r *Reader) isBlank(rec csvrecord.Record) bool {
	plain := true
	for _, c := range rec.Data {
		switch {
		case c == r.format.Delimiter, c == ' ', '\t' <= c && c <= '\r':
		case c == '"' || c >= utf8.RuneSelf:
			plain = false
		default:
			return false
		}
	}
	if plain || rec.Broken != "" {
		return rec.Broken == ""
	}
	cells, err := csvrecord.Split(rec.Data, r.format.Delimiter)
	return err == nil && !slices.ContainsFunc(cells, func(c string) bool { return !IsBlank(c) })
}

// blankBehind reports whether the cells of a record beyond the columns of the header are blank.
func (r *Reader) blankBehind(data []byte) bool {
	cells, err := csvrecord.Split(data, r.format.Delimiter)
	return err == nil && !slices.ContainsFunc(cells[r.columns:], func(c string) bool { return !IsBlank(c) })
}
