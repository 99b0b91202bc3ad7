package sync

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// refusedName is a name that [refuseName] refuses.
const refusedName = "refused"

// drawContest draws a scenario in which many groups want few external ids. Its rows assign, swap, chain and clear them.
// If once is true, each group has at most one row. If refusals is true, some rows have a name that [refuseName] refuses.
func drawContest(rt *rapid.T, once, refusals bool) scenario {
	sc := scenario{clear: true}
	ids := []string{"a", "b", "c", "d", "e", "f"}[:rapid.IntRange(2, 6).Draw(rt, "ids")]
	names := []string{""}
	if refusals {
		names = append(names, "", "renamed", refusedName)
	}
	n := rapid.IntRange(3, 14).Draw(rt, "groups")
	free := slices.Clone(ids)
	for i := range n {
		g := ecwidtest.Group{ID: int32(i + 1), Name: fmt.Sprintf("group %d", i+1)}
		if k := rapid.IntRange(-1, len(free)-1).Draw(rt, "id"); k >= 0 {
			g.ExternalReferenceID = free[k]
			free = slices.Delete(free, k, k+1)
		}
		sc.groups = append(sc.groups, g)
	}
	groups := rapid.SliceOfN(rapid.IntRange(1, n), 1, 16)
	if once {
		groups = rapid.SliceOfNDistinct(rapid.IntRange(1, n), 1, n, rapid.ID)
	}
	for _, id := range groups.Draw(rt, "rows") {
		sc.rows = append(sc.rows, []string{
			fmt.Sprint(id),
			rapid.SampledFrom(names).Draw(rt, "new name"),
			rapid.SampledFrom(append([]string{""}, ids...)).Draw(rt, "new id"),
		})
	}
	return sc
}

// refuseName refuses a PUT with [refusedName] with the status 422.
func refuseName(r ecwidtest.Request) ecwidtest.Fault {
	if strings.Contains(r.Body, `"`+refusedName+`"`) {
		return ecwidtest.Status(422, "WRONG_PARAMETER", "the name is refused")
	}
	return ecwidtest.Fault{}
}

// records returns the records of the results, cell by cell.
func (tr *trial) records() [][]string {
	tr.t.Helper()
	all, err := csv.NewReader(strings.NewReader(strings.Join(tr.lines(), "\n"))).ReadAll()
	if err != nil {
		tr.t.Fatal(err)
	}
	return all
}

// checkExternalIDs checks that each group holds the external id of its last good row, or else the one that it held before
// the run. If mayLose is true, a group may be without one if a record of its rows says so: its id was transferred to
// another group before the store refused the row.
func (tr *trial) checkExternalIDs(before []ecwidtest.Group, mayLose bool) error {
	want, reasons, given := map[int32]string{}, map[int32]string{}, map[string]bool{}
	for _, g := range before {
		want[g.ID] = g.ExternalReferenceID
	}
	for _, cells := range tr.records() {
		var id int32
		fmt.Sscan(cells[1], &id)
		if journal.Status(cells[4]).Good() {
			want[id] = cells[3]
			given[cells[3]] = true
		}
		reasons[id] += cells[8]
	}
	for _, g := range tr.server.Groups() {
		lost := g.ExternalReferenceID == "" && mayLose && given[want[g.ID]] && strings.Contains(reasons[g.ID], fmt.Sprintf("group %d has no externalReferenceId", g.ID))
		if g.ExternalReferenceID != want[g.ID] && !lost {
			return fmt.Errorf("group %d ends with external id %q, want %q; PUTs %q; records %q", g.ID, g.ExternalReferenceID, want[g.ID], tr.puts(), tr.records())
		}
	}
	return nil
}

// No group loses an external id unless one of its own rows clears or replaces it, and the plan predicts the outcome of
// each row, with its reason.
func TestNoExternalIDIsLost(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		drawContest(rt, false, false).try(t, rt, func(tr *trial) error {
			before := tr.server.Groups()
			entries, _ := tr.plan()
			if _, err := tr.run(tr.listing()...); err != nil {
				return err
			}
			if diff := cmp.Diff(perGroup(planned(entries)), perGroup(tr.puts())); diff != "" {
				return fmt.Errorf("the PUTs were %q: %s", tr.puts(), diff)
			}
			for i, cells := range tr.records() {
				if e := entries[i]; string(e.Status) != cells[4] || e.Reason != cells[8] {
					return fmt.Errorf("line %s was planned to be %s %q, and is %q", cells[0], e.Status, e.Reason, cells)
				}
			}
			if err := tr.checkStatuses(200); err != nil {
				return err
			}
			return tr.checkExternalIDs(before, false)
		})
	})
}

// If the store refuses rows that the plan relied on, an id that was cleared for one of them is put back. A group whose
// id was transferred before its own row was refused is left without one, and its record says so.
func TestNoExternalIDIsLostByRefusals(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sc := drawContest(rt, false, true)
		skip := rapid.Bool().Draw(rt, "skip")
		sc.try(t, rt, func(tr *trial) error {
			before := tr.server.Groups()
			tr.server.SetFault(refuseName)
			if _, err := tr.run(tr.listing(func(j *Job) { j.SkipUnchanged, j.Backup = skip, tr.path+".backup" })...); err != nil {
				return err
			}
			return tr.checkExternalIDs(before, true)
		})
	})
}

// No external id is lost if a run is stopped several times, or killed. The latter holds only if each group has at most
// one row: otherwise a row may be sent twice, with another row of its group in between.
func TestNoExternalIDIsLostByStops(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		kill := rapid.Bool().Draw(rt, "kill")
		sc := drawContest(rt, kill, false)
		stops := drawStops(rt)
		sc.try(t, rt, func(tr *trial) error {
			before := tr.server.Groups()
			adapt := tr.listing()
			if kill {
				if err := tr.runWithStops(stops, adapt...); err != nil {
					return err
				}
				return tr.checkExternalIDs(before, false)
			}
			for _, fraction := range stops {
				limit := 1 + int(fraction*float64(len(sc.rows)))
				if _, err := tr.run(append(adapt, func(j *Job) { j.Limit = limit })...); err == nil {
					break
				}
			}
			if _, err := tr.run(adapt...); err != nil {
				return err
			}
			return tr.checkExternalIDs(before, false)
		})
	})
}
