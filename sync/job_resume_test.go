package sync

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Records that are removed may be far apart.
func TestRecordsRemovedFarApart(t *testing.T) {
	tr := newTrial(t, rows(3*window), ecwidtest.Options{AnyGroup: true})
	if _, err := tr.run(fast); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(tr.path)
	if err != nil {
		t.Fatal(err)
	}
	records := strings.SplitAfter(string(data), "\n")
	records = slices.Delete(slices.Delete(records, 2*window, 2*window+1), 5, 6)
	if err := os.WriteFile(tr.path, []byte(strings.Join(records, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.run(fast); err != nil {
		t.Fatal(err)
	}
	tr.wantAll(3*window, journal.Updated)
	if n := len(tr.server.Requests()); n != 3*window+2 {
		t.Errorf("%d requests, want %d", n, 3*window+2)
	}
}

// If a row is sent again, so are the later rows of its group: the last one wins, as in a single run.
func TestRemovedRecordTakesLaterRowsAlong(t *testing.T) {
	for _, c := range []struct {
		name, key string
		input     string
		removed   []int // records, from 0
		again     []string
	}{
		{"the first of three", "", "groupId,name\n1,first\n2,two\n1,last\n", []int{0}, []string{`1 {"name":"first"}`, `1 {"name":"last"}`}},
		{"the last of three", "", "groupId,name\n1,first\n2,two\n1,last\n", []int{2}, []string{`1 {"name":"last"}`}},
		{"a row that cannot be sent", "", "groupId,name\n1,\n2,two\n1,last\n", []int{0}, nil},
		{"written in another way", "", "groupId,name\n01,first\n2,two\n1.0,last\n", []int{0}, []string{`1 {"name":"first"}`, `1 {"name":"last"}`}},
		{
			"found by its key", "externalReferenceId", "externalReferenceId,name\nerp-1,first\nerp-2,two\nerp-1,last\n",
			[]int{0},
			[]string{`1 {"name":"first"}`, `1 {"name":"last"}`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, limit := range []int{0, 1} {
				synctest.Test(t, func(t *testing.T) {
					tr := newTrial(t, c.input, ecwidtest.Options{Groups: storeOf(3)})
					tr.key = c.key
					if _, err := tr.run(); err != nil {
						t.Fatal(err)
					}
					whole, err := os.ReadFile(tr.path)
					if err != nil {
						t.Fatal(err)
					}
					records := strings.SplitAfter(string(whole), "\n")
					for _, i := range slices.Backward(c.removed) {
						records = slices.Delete(records, i+1, i+2)
					}
					if err := os.WriteFile(tr.path, []byte(strings.Join(records, "")), 0o644); err != nil {
						t.Fatal(err)
					}
					before := len(tr.puts())
					for range 5 {
						if _, err = tr.run(func(j *Job) { j.Limit = limit }); err == nil {
							break
						}
					}
					if diff := cmp.Diff(c.again, tr.puts()[before:], cmpopts.EquateEmpty()); err != nil || diff != "" {
						t.Errorf("limit %d: %v, sent again: %s", limit, err, diff)
					}
					if after, _ := os.ReadFile(tr.path); string(after) != string(whole) {
						t.Errorf("limit %d: the results are %s", limit, after)
					}
				})
			}
		})
	}
}
