package sync

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"

	"github.com/google/go-cmp/cmp"
)

// The summary of a run that continues another one counts the rows and the reasons of both.
func TestSummaryOfAResumedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		input := strings.ReplaceAll(rows(40), "\n7,", "\n7.5,")
		input = strings.ReplaceAll(input, "\n30,", "\n30.5,")
		input = strings.ReplaceAll(input, "\n31,", "\n9999,")
		store := ecwidtest.Options{}
		for id := range int32(40) {
			store.Groups = append(store.Groups, ecwidtest.Group{ID: id + 1, Name: "old"})
		}
		tr := newTrial(t, input, store)
		if _, err := tr.run(func(j *Job) { j.Limit = 20 }); err == nil {
			t.Fatal("the limit did not end the run")
		}
		var begun map[journal.Status]int
		for range 2 { // the second has nothing left to do
			sum, err := tr.run(func(j *Job) {
				j.Results.Resume = true
				j.Hooks.Begun = func(recorded map[journal.Status]int) { begun = recorded }
			})
			if err != nil {
				t.Fatal(err)
			}
			want := []journal.Reason{
				{Status: journal.Invalid, Count: 2, Line: 8, Example: `groupId: "7.5" is a fraction: a group id is a whole number`},
				{Status: journal.Failed, Count: 1, Line: 32, Example: "Ecwid returned 404: Customer group #9999 not found"},
			}
			if diff := cmp.Diff(want, sum.Reasons); diff != "" {
				t.Errorf("the reasons differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[journal.Status]int{journal.Updated: 37, journal.Invalid: 2, journal.Failed: 1}, sum.Rows); diff != "" {
				t.Errorf("the rows differ (-want +got):\n%s", diff)
			}
			if recorded := begun[journal.Updated] + begun[journal.Invalid] + begun[journal.Failed]; recorded != sum.Recorded {
				t.Errorf("the hook got %d recorded rows, and the summary has %d", recorded, sum.Recorded)
			}
		}
	})
}

// Waited is the time for which the quota or a pause held requests back, not the time that the requests took.
func TestSummaryWaited(t *testing.T) {
	tests := []struct {
		name        string
		rows        int
		store       ecwidtest.Options
		least, most time.Duration
	}{
		{"a small run does not wait", 100, ecwidtest.Options{AnyGroup: true}, 0, time.Second},
		{"a wait for responses does not count", 100, ecwidtest.Options{AnyGroup: true, Latency: func() time.Duration { return 20 * time.Second }}, 0, time.Second},
		{"a large run waits for the quota", 1200, ecwidtest.Options{AnyGroup: true}, 110 * time.Second, 125 * time.Second},
		{"a run waits for a pause", 100, ecwidtest.Options{AnyGroup: true, Quota: 50}, 50 * time.Second, 90 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sum, err := newTrial(t, rows(test.rows), test.store).run()
				if err != nil {
					t.Fatal(err)
				}
				if sum.Waited < test.least || sum.Waited > test.most || sum.Waited > sum.Elapsed {
					t.Errorf("waited %v of %v, want %v to %v", sum.Waited, sum.Elapsed, test.least, test.most)
				}
			})
		})
	}
}
