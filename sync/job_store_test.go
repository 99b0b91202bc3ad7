package sync

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"
	"groupsync/sync/plan"

	"github.com/google/go-cmp/cmp"
)

// puts returns the PUTs that reached the store, as "id body".
func (tr *trial) puts() []string {
	var all []string
	for _, r := range tr.server.Requests() {
		if r.Method == "PUT" {
			all = append(all, fmt.Sprintf("%s %s", r.Path[strings.LastIndexByte(r.Path, '/')+1:], r.Body))
		}
	}
	return all
}

// listing returns the options of a job that lists the store's groups and can read its input twice.
func (tr *trial) listing(adapt ...func(*Job)) []func(*Job) {
	return append([]func(*Job){func(j *Job) {
		j.SkipUnchanged = true
		j.Input = tr.newInput(tr.t.Context(), strings.NewReader(tr.input))
	}}, adapt...)
}

// plan returns what the job would do.
func (tr *trial) plan(adapt ...func(*Job)) ([]plan.Entry, plan.Totals) {
	tr.t.Helper()
	var entries []plan.Entry
	totals, err := tr.job(tr.t.Context(), tr.listing(adapt...)...).Plan(tr.t.Context(), func(e plan.Entry) error {
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		tr.t.Fatal(err)
	}
	return entries, totals
}

// storeOf returns n groups, with the names and external ids of [rows].
func storeOf(n int) []ecwidtest.Group {
	var groups []ecwidtest.Group
	for i := range n {
		groups = append(groups, ecwidtest.Group{ID: int32(i + 1), Name: fmt.Sprintf("name %d", i+1), ExternalReferenceID: fmt.Sprintf("erp-%d", i+1)})
	}
	return groups
}

func TestSkipUnchanged(t *testing.T) {
	for _, c := range []struct {
		name, input string
		want        []string // the PUTs
		records     []string // without line and cells
	}{
		{
			"values that the store already holds need no request",
			"groupId,name,externalReferenceId\n1,name 1,erp-1\n2,name 2,\n3,,erp-3\n",
			nil,
			[]string{"unchanged,,,0,,1003", "unchanged,,,0,,1003", "unchanged,,,0,,1003"},
		},
		{
			"a group that does not exist needs none either",
			"groupId,name\n1,name 1\n99,x\n",
			nil,
			[]string{"unchanged,,,0,,1003", "failed,,404,0,the store has no group 99,1003"},
		},
		{
			"a later row is compared with the values of an earlier one",
			"groupId,name\n1,A\n1,name 1\n",
			[]string{`1 {"name":"A"}`, `1 {"name":"name 1"}`},
			[]string{"updated,1,200,1,,1003", "updated,1,200,1,,1003"},
		},
		{
			"the whole row is sent",
			"groupId,name,externalReferenceId\n1,new,erp-1\n",
			[]string{`1 {"name":"new","externalReferenceId":"erp-1"}`},
			[]string{"updated,1,200,1,,1003"},
		},
		{
			"a swap: the id is cleared first in the group that holds it",
			"groupId,externalReferenceId\n1,erp-2\n2,erp-1\n",
			[]string{`2 {"name":"name 2","externalReferenceId":null}`, `1 {"name":"name 1","externalReferenceId":"erp-2"}`, `2 {"name":"name 2","externalReferenceId":"erp-1"}`},
			[]string{"updated,1,200,2,,1003", "updated,1,200,1,,1003"},
		},
		{
			"an id that an earlier row releases needs no clearing",
			"groupId,externalReferenceId\n1,new\n2,erp-1\n",
			[]string{`1 {"name":"name 1","externalReferenceId":"new"}`, `2 {"name":"name 2","externalReferenceId":"erp-1"}`},
			[]string{"updated,1,200,1,,1003", "updated,1,200,1,,1003"},
		},
		{
			"an id that no row releases",
			"groupId,externalReferenceId\n1,erp-2\n2,erp-2\n",
			nil,
			[]string{`failed,,409,0,"externalReferenceId ""erp-2"" belongs to group 2, which keeps it",1003`, "unchanged,,,0,,1003"},
		},
		{
			"an id whose holder cannot get the id that it wants",
			"groupId,externalReferenceId\n1,erp-2\n2,erp-3\n",
			nil,
			[]string{
				`failed,,409,0,"externalReferenceId ""erp-2"" belongs to group 2, which keeps it",1003`,
				`failed,,409,0,"externalReferenceId ""erp-3"" belongs to group 3, which keeps it",1003`,
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, c.input, ecwidtest.Options{Groups: storeOf(3)})
				_, totals := tr.plan()
				if _, err := tr.run(tr.listing()...); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, tr.puts()); diff != "" {
					t.Error(diff)
				}
				if totals.Puts != len(c.want) {
					t.Errorf("the plan has %d PUTs, want %d", totals.Puts, len(c.want))
				}
				var records []string
				for _, line := range tr.lines() {
					records = append(records, strings.SplitN(line, ",", 5)[4])
				}
				if diff := cmp.Diff(c.records, records); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// A run of 10,000 rows, 50 of which change something, costs a list of the groups and 50 PUTs.
func TestNightlyRun(t *testing.T) {
	const n, changed = 10_000, 50
	run := func(n int, listing bool) (reads, puts int) {
		synctest.Test(t, func(t *testing.T) {
			groups := storeOf(n)
			for i := range changed {
				groups[i*n/changed].Name = "renamed"
			}
			tr := newTrial(t, rows(n), ecwidtest.Options{Groups: groups, Quota: 600})
			var adapt []func(*Job)
			if listing {
				adapt = tr.listing()
			}
			if _, err := tr.run(adapt...); err != nil {
				t.Fatal(err)
			}
			puts = len(tr.puts())
			reads = len(tr.server.Requests()) - puts
		})
		return reads, puts
	}
	reads, puts := run(n, true)
	if reads > 101 || puts != changed {
		t.Errorf("%d reads and %d PUTs, want at most 101 and %d", reads, puts, changed)
	}
	if _, puts := run(n/10, false); puts != n/10 {
		t.Errorf("a plain run of %d rows sent %d PUTs", n/10, puts)
	}
}

// External ids are transferred among 200 groups, in any permutation, and along chains that end in an id that is
// released, without a 409, no matter where the run is killed, even between the two PUTs of a row.
func TestPermutedExternalIDs(t *testing.T) {
	t.Parallel()
	const n = 200
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 1))
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			want := storeOf(n)
			for i, from := range random.Perm(n) {
				want[i].ExternalReferenceID = fmt.Sprintf("erp-%d", from+1)
			}
			if seed%2 == 1 { // some groups get a new id instead, so that an old one stays free
				for _, i := range random.Perm(n)[:n/10] {
					want[i].ExternalReferenceID = fmt.Sprintf("new-%d", i)
				}
			}
			var input strings.Builder
			input.WriteString("groupId,externalReferenceId\n")
			for _, i := range random.Perm(n) {
				fmt.Fprintf(&input, "%d,%s\n", want[i].ID, want[i].ExternalReferenceID)
			}
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, input.String(), ecwidtest.Options{Groups: storeOf(n), Latency: jitter(seed, 0, time.Second)})
				skip := seed%3 > 0
				adapt := tr.listing(func(j *Job) { j.SkipUnchanged, j.Backup, j.MaxOutage = skip, tr.path+".backup", time.Second })
				for cut := range 3 { // the connection is lost after a number of requests, the last of which is still applied
					last := len(tr.server.Requests()) + 10 + random.IntN(n)
					tr.server.SetFault(connectionLostAfter(last))
					if _, err := tr.run(adapt...); err == nil && cut == 0 {
						t.Fatal("the run was not killed")
					} else if err == nil {
						break
					}
					lines := strings.SplitAfter(strings.Join(tr.lines(), "\n"), "\n")
					if cut == 1 { // some of the results were not yet on the disk
						kept := lines[:random.IntN(len(lines)+1)]
						os.WriteFile(tr.path, []byte(resultsHeader+strings.Join(kept, "")), 0o644)
					}
				}
				tr.server.SetFault(nil)
				if _, err := tr.run(adapt...); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, tr.server.Groups()[1:]); diff != "" {
					t.Error(diff)
				}
				for _, r := range tr.server.Requests() {
					if r.Status == http.StatusConflict {
						t.Errorf("request %d, %s %s, got a 409", r.N, r.Path, r.Body)
					}
				}
			})
		})
	}
}

const resultsHeader = "line,groupId,name,externalReferenceId,status,updateCount,httpStatus,attempts,error,storeId\n"

// A plan shows that a store ignores external ids.
func TestPlanShowsDroppedExternalIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, "groupId,externalReferenceId\n1,a\n2,b\n3,c\n", ecwidtest.Options{Groups: storeOf(3), DropExternalID: true})
		summary, err := tr.run()
		if err != nil || summary.Rows[journal.Updated] != 3 {
			t.Fatal(summary.Rows, err)
		}
		if _, totals := tr.plan(); totals.Rows[journal.Updated] != 3 {
			t.Errorf("the plan is %v, want 3 rows to be sent", totals.Rows)
		}
	})
}
