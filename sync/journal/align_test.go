package journal

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// The aligner reports, in order: =a a row and its record, +a a row without a record, -a a record without a row.
func TestAligner(t *testing.T) {
	for _, c := range []struct{ name, rows, records, want string }{
		{"the same", "a b c", "a b c", "=a =b =c"},
		{"nothing", "", "", ""},
		{"no records", "a b", "", "+a +b"},
		{"no rows", "", "a b", "-a -b"},
		{"changed", "a X c", "a b c", "=a +X -b =c"},
		{"changed at the end", "a X", "a b", "=a +X -b"},
		{"deleted", "a c", "a b c", "=a -b =c"},
		{"deleted first", "b c", "a b c", "-a =b =c"},
		{"inserted", "a X b c", "a b c", "=a +X =b =c"},
		{"inserted first", "X Y a b", "a b", "+X +Y =a =b"},
		{"inserted, deleted and changed", "X a c Y Z e", "a b c d e", "+X =a -b =c +Y +Z -d =e"},
		{"the same row twice", "a a b", "a a b", "=a =a =b"},
		{"the second of two deleted", "a b", "a a b", "=a -a =b"},
		{"moved", "b a", "a b", "+b =a -b"},
		{"more inserted than is read ahead", "1 2 3 4 5 6 a", "a", "+1 +2 +3 +4 +5 +6 =a"},
		{"as many deleted as are read ahead", "a 5 6", "a 1 2 3 4 5 6", "=a -1 -2 -3 -4 =5 =6"},
		{"more changed than is read ahead", "1 2 3 4 5 6 a b", "A B C D E F a b", "+1 -A +2 -B +3 +4 +5 +6 -C -D -E -F =a =b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var reported []string
			report := func(sign string) func(item) {
				return func(i item) { reported = append(reported, sign+string(rune(i.hash))) }
			}
			a := &aligner{window: 4, unrecorded: report("+"), unmatched: report("-"), matched: func(row, _ item) { report("=")(row) }}
			a.rows.next, a.records.next = stream(c.rows), stream(c.records)
			if err := a.run(); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(reported, " ")
			if perKind(got) != perKind(c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// perKind returns what is reported of rows and what is reported of records, each in order: how the two interleave does
// not matter.
func perKind(reported string) string {
	var rows, records []string
	for _, one := range strings.Fields(reported) {
		if one[0] != '-' {
			rows = append(rows, one)
		}
		if one[0] != '+' {
			records = append(records, one)
		}
	}
	return fmt.Sprint(rows, records)
}

// stream returns items of one letter each.
func stream(letters string) func() (item, error) {
	left := strings.Fields(letters)
	return func() (item, error) {
		if len(left) == 0 {
			return item{}, io.EOF
		}
		first := left[0]
		left = left[1:]
		return item{hash: uint64(first[0])}, nil
	}
}
