package journal

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
)

// Reason is a reason why rows are not good. Rows whose messages differ only in values and numbers share one reason.
type Reason struct {
	Status Status `json:"status"`
	// Count is the number of these rows.
	Count int `json:"count"`
	// Line is the line of the input where the first of them begins, and Example what its record says.
	Line    int    `json:"line"`
	Example string `json:"example"`
}

const (
	// topReasons is how many [Reasons.Top] returns.
	topReasons = 3
	// maxReasons bounds how many different reasons are counted.
	maxReasons = 1000
)

// Reasons counts the rows that are not good by what is wrong with them.
type Reasons map[string]*Reason

// variablePart matches a part of a reason that differs from row to row: a quoted value or a number.
var variablePart = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[0-9]+`)

// Add counts a row with its status, the error of its record and its line of the input. Good rows do not count.
func (r Reasons) Add(status Status, reason string, line int) {
	if status.Good() {
		return
	}
	kind := string(status) + " " + variablePart.ReplaceAllLiteralString(reason, "#")
	if known, ok := r[kind]; ok {
		known.Count++
	} else if len(r) < maxReasons {
		r[kind] = &Reason{status, 1, line, reason}
	}
}

// Top returns the most frequent reasons, for a summary.
func (r Reasons) Top() []Reason { return r.MostFrequent(topReasons) }

// MostFrequent returns the n most frequent reasons. Of equally frequent ones it prefers those of failed rows, which the
// store refused, then those that came first.
func (r Reasons) MostFrequent(n int) []Reason {
	notFailed := func(reason *Reason) int {
		if reason.Status == Failed {
			return 0
		}
		return 1
	}
	all := slices.SortedFunc(maps.Values(r), func(a, b *Reason) int {
		return cmp.Or(
			cmp.Compare(b.Count, a.Count),
			cmp.Compare(notFailed(a), notFailed(b)),
			cmp.Compare(a.Line, b.Line),
		)
	})
	var top []Reason
	for _, reason := range all[:min(len(all), n)] {
		top = append(top, *reason)
	}
	return top
}
