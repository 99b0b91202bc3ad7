package sync

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/plan"

	"github.com/google/go-cmp/cmp"
)

// What others have changed since the base decides what is sent, and which external ids are released.
func TestBase(t *testing.T) {
	const head = "groupId,name,externalReferenceId\n"
	for _, c := range []struct {
		name              string
		store, base, rows string
		key               string
		puts              []string
		outcomes          []string
	}{
		{
			name:  "only the value that the row changes is sent, with the name that the store may require",
			store: "1:a", base: head + "1,old,a\n", rows: head + "1,old,b\n",
			puts:     []string{`1 {"name":"group 1","externalReferenceId":"b"}`},
			outcomes: []string{"updated,1,200,1,"},
		},
		{
			name:  "a row in conflict releases no external id",
			store: "1: 2:b", base: head + "1,group 1,\n2,old,b\n", rows: head + "1,group 1,b\n2,new,c\n",
			outcomes: []string{
				`failed,,409,0,"externalReferenceId ""b"" belongs to group 2, which keeps it"`,
				`conflict,,,0,"name: it was changed in the store from ""old"" to ""group 2"" since the base was written, and the row has ""new"""`,
			},
		},
		{
			name:  "an external id that others have set is not cleared",
			store: "1: 2:b", base: head + "1,group 1,\n2,group 2,x\n", rows: head + "1,group 1,b\n2,group 2,c\n",
			outcomes: []string{
				`failed,,409,0,"externalReferenceId ""b"" belongs to group 2, which keeps it"`,
				`conflict,,,0,"externalReferenceId: it was changed in the store from ""x"" to ""b"" since the base was written, and the row has ""c"""`,
			},
		},
		{
			name:  "an external id that a row does not change is not sent, even if another group has it",
			store: "1: 2:a", base: head + "1,group 1,a\n2,group 2,b\n", rows: head + "1,new,a\n2,group 2,b\n",
			puts:     []string{`1 {"name":"new"}`},
			outcomes: []string{"updated,1,200,1,", "unchanged,,,0,"},
		},
		{
			name:  "a later row of a group is compared with the earlier one",
			store: "1:a", base: head + "1,group 1,a\n", rows: head + "1,one,a\n1,two,a\n1,group 1,a\n",
			puts:     []string{`1 {"name":"one"}`, `1 {"name":"two"}`, `1 {"name":"group 1"}`},
			outcomes: []string{"updated,1,200,1,", "updated,1,200,1,", "updated,1,200,1,"},
		},
		{
			name:  "a group that is not in the base",
			store: "1:a 2:b", base: head + "1,group 1,a\n", rows: head + "2,group 2,b\n2,new,b\n",
			outcomes: []string{"unchanged,,,0,", `updated,1,200,1,`},
			puts:     []string{`2 {"name":"new"}`},
		},
		{
			name:  "a group that neither the base nor an earlier row knows",
			store: "1:a 2:b", base: head + "1,group 1,a\n", rows: head + "2,new,b\n",
			outcomes: []string{`conflict,,,0,"name: the base has no value for it, the store has ""group 2"", and the row has ""new"""`},
		},
		{
			name:  "an invalid value that the row does not change",
			store: "1:a", base: head + "1,\"a\tb\",a\n", rows: head + "1,\"a\tb\",a\n",
			outcomes: []string{"unchanged,,,0,"},
		},
		{
			name:  "groups that are found by a key",
			store: "1:a 2:b", base: head + "1,group 1,a\n2,group 2,x\n", rows: "name,externalReferenceId\ngroup 1,c\ngroup 2,d\n", key: "name",
			puts: []string{`1 {"name":"group 1","externalReferenceId":"c"}`},
			outcomes: []string{
				"updated,1,200,1,",
				`conflict,,,0,"externalReferenceId: it was changed in the store from ""x"" to ""b"" since the base was written, and the row has ""d"""`,
			},
		},
		{
			name:  "a base whose groups are found by the key",
			store: "1:a 2:b", base: "name,externalReferenceId\ngroup 1,a\n", rows: "name,externalReferenceId\ngroup 1,c\n", key: "name",
			puts:     []string{`1 {"name":"group 1","externalReferenceId":"c"}`},
			outcomes: []string{"updated,1,200,1,"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, c.rows, ecwidtest.Options{Groups: groupsOf(c.store)})
				tr.key, tr.clear = c.key, true
				if _, err := tr.run(tr.withBase(c.base, func(j *Job) { j.Concurrency = 1 })...); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.puts, tr.puts()); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(c.outcomes, tr.outcomes()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// An external id that a killed run had cleared before it could set the next one does not count as a change by others.
func TestBaseAfterKill(t *testing.T) {
	const head = "groupId,externalReferenceId\n"
	for _, c := range []struct{ name, store, records, want string }{
		{"after the id was cleared", "1:a 2:", "", "1:b 2:a"},
		{"after the first row was sent", "1:b 2:", "", "1:b 2:a"},
		{"after the first row was recorded", "1:b 2:", "2,1,,b,updated,1,200,2,,1003\n", "1:b 2:a"},
		{"after both rows were sent", "1:b 2:a", "", "1:b 2:a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, head+"1,b\n2,a\n", ecwidtest.Options{Groups: groupsOf(c.store)})
				if err := os.WriteFile(tr.path, []byte(resultsHeader+c.records), 0o644); err != nil {
					t.Fatal(err)
				}
				if _, err := tr.run(tr.withBase(head + "1,a\n2,b\n")...); err != nil {
					t.Fatal(err)
				}
				if got := tr.externalIDs(); got != c.want {
					t.Errorf("the store holds %s, want %s; records %q", got, c.want, tr.records())
				}
			})
		})
	}
	// If there was no earlier run, others must have cleared it.
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, head+"1,b\n2,a\n", ecwidtest.Options{Groups: groupsOf("1:a 2:")})
		if _, err := tr.run(tr.withBase(head + "1,a\n2,b\n")...); err != nil {
			t.Fatal(err)
		}
		if got := tr.outcomes()[1]; !strings.HasPrefix(got, "conflict,") {
			t.Errorf("the second row is %s, want a conflict", got)
		}
	})
}

// The digest covers the base, even if the plan is the same. The limit on changes counts what would be sent.
func TestBaseInThePlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, "groupId,name\n1,new\n2,group 2\n", ecwidtest.Options{Groups: groupsOf("1: 2:")})
		_, without := tr.plan()
		_, with := tr.plan(tr.withBase("groupId,name\n1,group 1\n2,group 2\n")...)
		_, other := tr.plan(tr.withBase("groupId,name\n1,group 1\n2,other\n")...)
		if without.Digest == with.Digest || with.Digest == other.Digest || with.Puts != 1 || other.Puts != 1 {
			t.Errorf("without a base %+v, with one %+v, with another %+v", without, with, other)
		}
		none := plan.Limit{Set: true}
		if _, err := tr.run(tr.withBase("groupId,name\n1,group 1\n", func(j *Job) { j.MaxChanges = none })...); err == nil || len(tr.puts()) > 0 {
			t.Errorf("got %v, PUTs %q", err, tr.puts())
		}
		if _, err := tr.run(tr.withBase("groupId,name\n1,theirs\n2,group 2\n", func(j *Job) { j.MaxChanges = none })...); err != nil {
			t.Errorf("a conflict counts as a change: %v", err)
		}
	})
}

// A permutation of external ids is undone even if both runs are killed anywhere, including between the two PUTs of a row,
// and lose some of their results.
func TestUndoAfterKills(t *testing.T) {
	t.Parallel()
	const n = 60
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 2))
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			var input strings.Builder
			input.WriteString("groupId,externalReferenceId\n")
			for i, from := range random.Perm(n) {
				fmt.Fprintf(&input, "%d,erp-%d\n", i+1, from+1)
			}
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, input.String(), ecwidtest.Options{Groups: storeOf(n), Latency: jitter(seed, 0, time.Second)})
				// runKilled runs the job until the connection is lost, several times, and then to its end.
				runKilled := func(adapt []func(*Job)) {
					for cut := range 3 {
						last := len(tr.server.Requests()) + 1 + random.IntN(n)
						tr.server.SetFault(connectionLostAfter(last))
						if _, err := tr.run(append(adapt, func(j *Job) { j.MaxOutage = time.Second })...); err == nil {
							break
						}
						if data, err := os.ReadFile(tr.path); err == nil && cut == 1 {
							os.WriteFile(tr.path, data[:len(resultsHeader)+random.IntN(max(len(data)-len(resultsHeader), 1))], 0o644)
						}
					}
					tr.server.SetFault(nil)
					if _, err := tr.run(adapt...); err != nil {
						t.Fatal(err)
					}
				}
				backup := tr.path + ".backup"
				runKilled(tr.listing(func(j *Job) { j.Backup = backup }))
				saved, savedErr := os.ReadFile(backup)
				results, resultsErr := os.ReadFile(tr.path)
				if err := errors.Join(savedErr, resultsErr); err != nil {
					t.Fatal(err)
				}
				tr.input, tr.clear, tr.path = string(saved), true, tr.path+".undo"
				runKilled(tr.withBase(string(results)))
				if diff := cmp.Diff(storeOf(n), tr.server.Groups()[1:]); diff != "" {
					t.Errorf("the store was not restored: %s", diff)
				}
			})
		})
	}
}

// For a retry, what the earlier run sent does not count as a change by others, although the input has been edited since.
// What others have changed in between is a conflict, as in any run.
func TestBaseOfRetry(t *testing.T) {
	const head = "groupId,name,externalReferenceId\n"
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, head+"1,one,b\n2,two,\n3,three,\n", ecwidtest.Options{Groups: groupsOf("1:a 2: 3:")})
		base := tr.pulled()
		if _, err := tr.run(tr.withBase(base)...); err != nil {
			t.Fatal(err)
		}
		tr.server.SetGroup(ecwidtest.Group{ID: 2, Name: "theirs"})
		tr.input = head + "1,one more,c\n2,two more,\n3,three,\n"
		if _, err := tr.run(tr.withBase(base, tr.retrying()...)...); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"updated,1,200,1,",
			`conflict,,,0,"name: it was changed in the store from ""group 2"" to ""theirs"" since the base was written, and the row has ""two more"""`,
			"updated,1,200,1,",
		}
		if diff := cmp.Diff(want, tr.outcomes()); diff != "" {
			t.Error(diff)
		}
		if got := tr.externalIDs(); got != "1:c 2: 3:" {
			t.Errorf("the store holds %s", got)
		}
	})
}

// Results with conflicts cannot be continued without the base: that would send the values that are in conflict.
func TestBaseMissing(t *testing.T) {
	const head = "groupId,name\n"
	for _, c := range []struct {
		name  string
		adapt func(tr *trial) []func(*Job)
		limit int
	}{
		{"retry", func(tr *trial) []func(*Job) { return tr.retrying() }, 0},
		{"resume", func(*trial) []func(*Job) { return nil }, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			tr := newTrial(t, head+"1,one\n2,two\n", ecwidtest.Options{Groups: groupsOf("1: 2:")})
			base := tr.pulled()
			tr.server.SetGroup(ecwidtest.Group{ID: 1, Name: "theirs"})
			if _, err := tr.run(tr.withBase(base, func(j *Job) { j.Limit = c.limit })...); (err != nil) != (c.limit > 0) {
				t.Fatal(err)
			}
			before, sent := tr.outcomes(), len(tr.puts())
			_, err := tr.run(c.adapt(tr)...)
			if _, ok := errors.AsType[*BaseMissingError](err); !ok {
				t.Errorf("%s: got %v, want a BaseMissingError", c.name, err)
			}
			if len(tr.puts()) > sent {
				t.Errorf("%s: an update was sent", c.name)
			}
			if diff := cmp.Diff(before, tr.outcomes()); diff != "" {
				t.Errorf("%s: the results were changed: %s", c.name, diff)
			}
			if _, err := tr.run(tr.withBase(base, c.adapt(tr)...)...); err != nil {
				t.Errorf("%s: with the base: %v", c.name, err)
			}
		})
	}
}
