package main

import (
	"fmt"
	"slices"
	"testing"

	"groupsync/sync/journal"
)

func TestPageRows(t *testing.T) {
	for _, c := range []struct {
		rows, bad  int
		want, note string
	}{
		{0, 0, "[]", ""},
		{3, 1, "[0 1 2]", ""},
		{4, 0, "[]", "There are 4 rows, more than a page can list. All of them are good."},
		{4, 2, "[2 3]", "There are 4 rows, more than a page can list. The page lists only the rows that are not good: 2."},
		{9, 5, "[4 5 6]", "There are 9 rows, more than a page can list. The page lists the first 3 of the 5 rows that are not good."},
	} {
		r := pageRows[int]{limit: 3}
		for i := range c.rows {
			r.add(i, i < c.rows-c.bad)
		}
		rows, note := r.listed()
		if got := fmt.Sprint(rows); got != c.want || note != c.note {
			t.Errorf("%d rows, %d bad: got %s %q, want %s %q", c.rows, c.bad, got, note, c.want, c.note)
		}
	}
}

// A page offers only the statuses of its rows as filters.
func TestStatusesOfListedRows(t *testing.T) {
	p := &resultsPage{rows: pageRows[pageResultRow]{limit: 2}}
	for _, status := range []journal.Status{journal.Updated, journal.Failed, journal.Updated} {
		if err := p.add(journal.Record{Status: status}); err != nil {
			t.Fatal(err)
		}
	}
	rows, _ := p.rows.listed()
	if got := statusesOf(rows, func(r pageResultRow) string { return r.Status }); !slices.Equal(got, []string{"failed"}) {
		t.Errorf("got %q, want failed", got)
	}
}
