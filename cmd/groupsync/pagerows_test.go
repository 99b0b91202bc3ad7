package main

import (
	"fmt"
	"testing"
)

func TestPageRows(t *testing.T) {
	for _, c := range []struct {
		rows, bad  int
		want, note string
	}{
		{0, 0, "[]", ""},
		{3, 1, "[0 1 2]", ""},
		{4, 0, "[]", "These are 4 rows, more than a page can list. All of them are good."},
		{4, 2, "[2 3]", "These are 4 rows, more than a page can list. The page lists those that are not good: 2."},
		{9, 5, "[4 5 6]", "These are 9 rows, more than a page can list. The page lists the first 3 of the 5 that are not good."},
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
