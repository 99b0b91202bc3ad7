package sync

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"
	"groupsync/sync/plan"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// scenario is a store and a file, both small, so that their groups and external ids conflict often.
type scenario struct {
	groups []ecwidtest.Group
	rows   [][]string
	clear  bool // an empty external id clears
}

var (
	someNames = []string{"VIP", " VIP", "VIP\u00a0", "Ze\u0301ro", "Zéro", "a,\"b\"", "\u200bmark", "金", "名 前 "}
	someIDs   = []string{"a", "b", "c", "d", "007", "7", "é", "e\u0301"}
)

// draw draws a scenario. If once is true, each group has at most one row.
func draw(t *rapid.T, once bool) scenario {
	sc := scenario{clear: rapid.Bool().Draw(t, "clear")}
	free := slices.Clone(someIDs)
	n := rapid.IntRange(1, 7).Draw(t, "groups")
	for i := range n {
		g := ecwidtest.Group{ID: int32(i + 1), Name: rapid.SampledFrom(someNames).Draw(t, "name")}
		if k := rapid.IntRange(-2, len(free)-1).Draw(t, "id"); k >= 0 {
			g.ExternalReferenceID = free[k]
			free = slices.Delete(free, k, k+1)
		}
		sc.groups = append(sc.groups, g)
	}
	ids := rapid.SliceOfN(rapid.IntRange(1, n+1), 0, 14)
	if once {
		ids = rapid.SliceOfNDistinct(rapid.IntRange(1, n+1), 0, n+1, rapid.ID)
	}
	for _, id := range ids.Draw(t, "rows") {
		sc.rows = append(sc.rows, []string{
			fmt.Sprint(id),
			rapid.SampledFrom(append([]string{""}, someNames...)).Draw(t, "new name"),
			rapid.SampledFrom(append([]string{""}, someIDs...)).Draw(t, "new id"),
		})
	}
	return sc
}

func (sc scenario) file() string {
	var b strings.Builder
	out := csv.NewWriter(&b)
	out.WriteAll(append([][]string{{"groupId", "name", "externalReferenceId"}}, sc.rows...))
	return b.String()
}

// try calls f with a trial of the scenario, in virtual time, and then reports its error to rapid.
func (sc scenario) try(t *testing.T, rt *rapid.T, f func(tr *trial) error) {
	var err error
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, sc.file(), ecwidtest.Options{Groups: sc.groups, Latency: jitter(1, 0, time.Second)})
		tr.clear = sc.clear
		err = f(tr)
	})
	if err != nil {
		rt.Fatalf("%+v: %v", sc, err)
	}
}

// perGroup returns the PUTs of each group, in their order.
func perGroup(puts []string) map[string][]string {
	all := map[string][]string{}
	for _, p := range puts {
		id, _, _ := strings.Cut(p, " ")
		all[id] = append(all[id], p)
	}
	return all
}

// planned returns the PUTs of a plan.
func planned(entries []plan.Entry) (puts []string) {
	line := func(id int32, u ecwid.CustomerGroupUpdate) string {
		body, _ := json.Marshal(u)
		return fmt.Sprintf("%d %s", id, body)
	}
	for _, e := range entries {
		if e.Cleared != nil {
			puts = append(puts, line(e.Cleared.ID, plan.WithName(plan.ClearID(), e.Cleared.Name)))
		}
		if e.Status == journal.Updated {
			puts = append(puts, line(e.ID, plan.WithName(e.Update, e.Before.Name)))
		}
	}
	return puts
}

// The plan predicts the PUTs of a run that skips unchanged rows, group by group, and the outcome of each row. None of the
// PUTs gets a conflict.
func TestPlanPredictsRun(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw(rt, false).try(t, rt, func(tr *trial) error {
			entries, totals := tr.plan()
			summary, err := tr.run(tr.listing()...)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(perGroup(planned(entries)), perGroup(tr.puts())); diff != "" {
				return fmt.Errorf("the PUTs were %q: %s", tr.puts(), diff)
			}
			if !maps.Equal(totals.Rows, summary.Rows) || totals.Puts != len(tr.puts()) {
				return fmt.Errorf("the plan counts %v and %d PUTs, the run %v and %d", totals.Rows, totals.Puts, summary.Rows, len(tr.puts()))
			}
			return tr.checkStatuses(200)
		})
	})
}

// After a run, the plan of the same file is empty, no matter how often the run was stopped or killed.
func TestPlanAfterTheRun(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sc := draw(rt, true)
		stops := drawStops(rt)
		sc.try(t, rt, func(tr *trial) error {
			if err := tr.runWithStops(stops, tr.listing()...); err != nil {
				return err
			}
			if _, totals := tr.plan(); totals.Puts > 0 {
				return fmt.Errorf("the second plan has %d PUTs", totals.Puts)
			}
			return nil
		})
	})
}

// drawStops draws the fractions of the rows after which a run is stopped.
func drawStops(rt *rapid.T) []float64 {
	return rapid.SliceOfN(rapid.Float64Range(0, 1), 0, 3).Draw(rt, "stops")
}

// checkStatuses checks that all responses have the status.
func (tr *trial) checkStatuses(status int) error {
	for _, r := range tr.server.Requests() {
		if r.Status != status {
			return fmt.Errorf("%s %s %s got the status %d", r.Method, r.Path, r.Body, r.Status)
		}
	}
	return nil
}

// runWithStops runs the job until every row is settled. Each run but the last is stopped after some of its rows, and
// then loses some of its results, like a killed run. The results are kept if a row of the plan fails because its external
// id is taken: without its record, that row would be sent again, and might then get the id.
func (tr *trial) runWithStops(stops []float64, adapt ...func(*Job)) error {
	n := strings.Count(tr.input, "\n")
	entries, _ := tr.plan(adapt...)
	kept := slices.ContainsFunc(entries, func(e plan.Entry) bool { return strings.Contains(e.Reason, "belongs to group") })
	for _, fraction := range stops {
		if _, err := tr.run(append(adapt, func(j *Job) { j.Limit = 1 + int(fraction*float64(n)) })...); err == nil {
			break
		}
		if kept {
			continue
		}
		data, err := os.ReadFile(tr.path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(tr.path, data[:int(fraction*float64(len(data)))], 0o644); err != nil {
			return err
		}
	}
	_, err := tr.run(adapt...)
	return err
}

// A backup restores the store, no matter where the run was stopped or killed.
func TestRestore(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sc := draw(rt, false)
		stops := drawStops(rt)
		sc.try(t, rt, func(tr *trial) error {
			before := tr.server.Groups()
			backup := tr.path + ".backup"
			if err := tr.runWithStops(stops, tr.listing(func(j *Job) { j.Backup = backup })...); err != nil {
				return err
			}
			saved, err := os.ReadFile(backup)
			if err != nil {
				return err
			}
			tr.input, tr.clear, tr.path = string(saved), true, tr.path+".restored"
			if _, err := tr.run(tr.listing()...); err != nil {
				return err
			}
			if diff := cmp.Diff(before, tr.server.Groups()); diff != "" {
				return fmt.Errorf("the store was not restored: %s", diff)
			}
			if _, totals := tr.plan(); totals.Puts > 0 || !totals.Good() {
				return fmt.Errorf("the plan of the backup is %v", totals)
			}
			return tr.checkStatuses(200)
		})
	})
}

// With attempts whose result is unknown, the store still ends as planned, and if all rows were planned to be good, they
// are.
func TestPlanWithFaults(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sc := draw(rt, true)
		seed := rapid.Uint64().Draw(rt, "seed")
		skip := rapid.Bool().Draw(rt, "skip")
		sc.try(t, rt, func(tr *trial) error {
			_, planned := tr.plan()
			random := rand.New(rand.NewPCG(seed, 0))
			faults := []ecwidtest.Fault{
				ecwidtest.Status(500, "", "").Applied(), ecwidtest.Status(503, "", ""), ecwidtest.Reset().Applied(),
				ecwidtest.HalfBody(), ecwidtest.RateLimited("1"),
				{},
				{},
				{},
			}
			tr.server.SetFault(func(ecwidtest.Request) ecwidtest.Fault { return faults[random.IntN(len(faults))] })
			summary, err := tr.run(tr.listing(func(j *Job) { j.SkipUnchanged, j.Backup, j.MaxAttempts = skip, tr.path+".backup", 50 })...)
			if err != nil {
				return err
			}
			tr.server.SetFault(nil)
			if _, left := tr.plan(); left.Puts > 0 {
				return fmt.Errorf("after %v there are %d PUTs left", summary.Rows, left.Puts)
			}
			if planned.Good() && !summary.Good() {
				return fmt.Errorf("%v were planned, and the run has %v", planned.Rows, summary.Rows)
			}
			return nil
		})
	})
}
