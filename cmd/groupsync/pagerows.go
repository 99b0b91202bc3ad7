package main

import (
	"fmt"
	"slices"
)

// maxPageRows is the largest number of rows on a page. A page with more rows would open slowly.
const maxPageRows = 20_000

// pageRows collects the rows of a page: all of them up to a limit, else those that are not good.
type pageRows[T any] struct {
	limit    int
	all, bad []T // at most limit of each
	n, nBad  int
}

func (r *pageRows[T]) add(row T, good bool) {
	r.n++
	if r.n <= r.limit {
		r.all = append(r.all, row)
	} else {
		r.all = nil
	}
	if good {
		return
	}
	r.nBad++
	if r.nBad <= r.limit {
		r.bad = append(r.bad, row)
	}
}

// listed returns the rows that the page lists, and a note that says which rows these are, unless all are listed.
func (r *pageRows[T]) listed() (rows []T, note string) {
	tooMany := fmt.Sprintf("There are %d rows, more than a page can list. ", r.n)
	switch {
	case r.n <= r.limit:
		return r.all, ""
	case r.nBad == 0:
		return nil, tooMany + "All of them are good."
	case r.nBad <= r.limit:
		return r.bad, tooMany + fmt.Sprintf("The page lists only the rows that are not good: %d.", r.nBad)
	}
	return r.bad, tooMany + fmt.Sprintf("The page lists the first %d of the %d rows that are not good.", r.limit, r.nBad)
}

// statusesOf returns the statuses of the rows that a page lists, by which they can be filtered.
func statusesOf[T any](rows []T, status func(T) string) (statuses []string) {
	for _, row := range rows {
		if s := status(row); !slices.Contains(statuses, s) {
			statuses = append(statuses, s)
		}
	}
	return statuses
}
