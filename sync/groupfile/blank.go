package groupfile

import (
	"slices"
	"strings"
	"unicode/utf8"

	"groupsync/sync/internal/csvrecord"
)

// IsBlank reports whether a cell is empty or has only white space.
func IsBlank(s string) bool { return strings.TrimSpace(s) == "" }

// isBlank reports whether all cells of a record are blank. Spreadsheet programs write hundreds of such rows below a
// table.
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
	return err == nil && areBlank(cells)
}

// isBlankFrom reports whether the cells of a record after the first n are blank.
func (r *Reader) isBlankFrom(n int, data []byte) bool {
	cells, err := csvrecord.Split(data, r.format.Delimiter)
	return err == nil && areBlank(cells[n:])
}

func areBlank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return !IsBlank(c) })
}
