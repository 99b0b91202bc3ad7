package groupfile

import (
	"slices"
	"unicode/utf8"

	"groupsync/sync/internal/csvrecord"
)

// isBlank reports whether all cells of a record are empty. Spreadsheet programs write hundreds of such rows below
// a table.
func (r *Reader) isBlank(rec csvrecord.Record) bool { return isBlankRecord(rec, r.format.Delimiter) }

func isBlankRecord(rec csvrecord.Record, delimiter byte) bool {
	plain := true
	for _, c := range rec.Data {
		switch {
		case c == delimiter, c == ' ', '\t' <= c && c <= '\r':
		case c == '"' || c >= utf8.RuneSelf:
			plain = false
		default:
			return false
		}
	}
	if plain || rec.Broken != "" {
		return rec.Broken == ""
	}
	cells, err := csvrecord.Split(rec.Data, delimiter)
	return err == nil && !slices.ContainsFunc(cells, func(c string) bool { return !IsBlank(c) })
}

// isBlankFrom reports whether a record's cells from the n-th on are empty.
func (r *Reader) isBlankFrom(n int, data []byte) bool {
	cells, err := csvrecord.Split(data, r.format.Delimiter)
	return err == nil && !slices.ContainsFunc(cells[n:], func(c string) bool { return !IsBlank(c) })
}
