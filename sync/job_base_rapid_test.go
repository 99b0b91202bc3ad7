package sync

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// pulled returns the store's groups as a file.
func (tr *trial) pulled() string {
	tr.t.Helper()
	var groups []ecwid.CustomerGroup
	for _, g := range tr.server.Groups() {
		if g.ID != 0 {
			groups = append(groups, ecwid.CustomerGroup(g))
		}
	}
	var file bytes.Buffer
	if err := groupfile.WriteGroups(&file, groups); err != nil {
		tr.t.Fatal(err)
	}
	return file.String()
}

// withBase returns the options of a job that compares with a base.
func (tr *trial) withBase(base string, adapt ...func(*Job)) []func(*Job) {
	return append(tr.listing(adapt...), func(j *Job) {
		file, err := groupfile.OpenBase(tr.t.Context(), strings.NewReader(base), groupfile.ReaderOptions{Name: "base.csv", Key: tr.key}, tr.server.Store())
		if err != nil {
			tr.t.Fatal(err)
		}
		tr.t.Cleanup(func() { file.Close() })
		j.Base = file.Rows()
	})
}

// edit holds the new values of one person, by group and field. A field that is absent is not changed.
type edit map[int32]map[string]string

const (
	nameField = groupfile.ColumnName
	idField   = groupfile.ColumnExternalID
)

// drawEdit draws new values for some fields of the groups. Several groups may get the same external id.
func drawEdit(rt *rapid.T, who string, groups []ecwidtest.Group) edit {
	e := edit{}
	for _, g := range groups {
		e[g.ID] = map[string]string{}
		if rapid.IntRange(0, 2).Draw(rt, who+" name") == 0 {
			e[g.ID][nameField] = rapid.SampledFrom([]string{"one", "two", "three"}).Draw(rt, who+" new name")
		}
		if rapid.IntRange(0, 2).Draw(rt, who+" id") == 0 {
			e[g.ID][idField] = rapid.SampledFrom([]string{"", "a", "b", "c", "d", "e"}).Draw(rt, who+" new id")
		}
	}
	return e
}

// applied returns the group with the values of an edit.
func (e edit) applied(g ecwidtest.Group) ecwidtest.Group {
	if name, ok := e[g.ID][nameField]; ok {
		g.Name = name
	}
	if id, ok := e[g.ID][idField]; ok {
		g.ExternalReferenceID = id
	}
	return g
}

// drawBase draws a store with distinct external ids.
func drawBase(rt *rapid.T) (groups []ecwidtest.Group) {
	free := []string{"a", "b", "c", "d", "e"}
	for i := range rapid.IntRange(1, 6).Draw(rt, "groups") {
		g := ecwidtest.Group{ID: int32(i + 1), Name: rapid.SampledFrom([]string{"one", "two", "three"}).Draw(rt, "name")}
		if k := rapid.IntRange(-1, len(free)-1).Draw(rt, "id"); k >= 0 {
			g.ExternalReferenceID = free[k]
			free = slices.Delete(free, k, k+1)
		}
		groups = append(groups, g)
	}
	return groups
}

// outcomeOf returns what should happen to a field, according to the definition of a base.
func outcomeOf(base, store, row string) string {
	switch {
	case row == store, row == base:
		return "nothing"
	case store == base:
		return "sent"
	}
	return "conflict"
}

// One person pulls the groups and edits the file, another one changes the store meanwhile, and the file is sent with
// the pulled file as its base. A value that only one of them has changed gets the new value; if both have changed a
// value, the row is a conflict, and none of it is sent.
func TestBaseKeepsTheChangesOfOthers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pulled := drawBase(rt)
		mine, theirs := drawEdit(rt, "my", pulled), drawEdit(rt, "their", pulled)
		sc := scenario{groups: pulled, clear: true}
		for _, g := range pulled {
			g = mine.applied(g)
			sc.rows = append(sc.rows, []string{fmt.Sprint(g.ID), g.Name, g.ExternalReferenceID})
		}
		sc.try(t, rt, func(tr *trial) error {
			base := tr.pulled()
			var store []ecwidtest.Group
			taken := map[string]bool{}
			for _, g := range pulled {
				taken[g.ExternalReferenceID] = true
			}
			for _, g := range pulled { // the store keeps its external ids distinct
				changed := theirs.applied(g)
				if id := changed.ExternalReferenceID; id != "" && id != g.ExternalReferenceID && taken[id] {
					changed.ExternalReferenceID = g.ExternalReferenceID
				}
				taken[g.ExternalReferenceID] = false
				taken[changed.ExternalReferenceID] = true
				tr.server.SetGroup(changed)
				store = append(store, changed)
			}
			entries, totals := tr.plan(tr.withBase(base)...)
			summary, err := tr.run(tr.withBase(base)...)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(totals.Rows, summary.Rows); diff != "" {
				return fmt.Errorf("the plan counted different rows: %s", diff)
			}
			if diff := cmp.Diff(perGroup(planned(entries)), perGroup(tr.puts())); diff != "" {
				return fmt.Errorf("the PUTs were not those of the plan: %s", diff)
			}
			return tr.checkMerge(pulled, store, mine)
		})
	})
}

// checkMerge compares the groups and the results with the definition of a base.
func (tr *trial) checkMerge(pulled, store []ecwidtest.Group, mine edit) error {
	after := tr.server.Groups()[1:]
	for i, record := range tr.records() {
		b, s, w := pulled[i], store[i], mine.applied(pulled[i])
		name, id := outcomeOf(b.Name, s.Name, w.Name), outcomeOf(b.ExternalReferenceID, s.ExternalReferenceID, w.ExternalReferenceID)
		want := s
		status := journal.Status(record[4])
		switch {
		case name == "conflict" || id == "conflict":
			if status != journal.Conflict {
				return fmt.Errorf("group %d was %v, is %v, and %v was asked for: the record is %q, want a conflict", b.ID, b, s, w, record)
			}
		case name == "nothing" && id == "nothing":
			if status != journal.Unchanged {
				return fmt.Errorf("group %d was %v, is %v, and %v was asked for: the record is %q, want no change", b.ID, b, s, w, record)
			}
		case status == journal.Failed && id == "sent": // another group keeps the external id
		case status == journal.Updated, status == journal.Unchanged && w.ExternalReferenceID == "": // cleared for another group
			if name == "sent" {
				want.Name = w.Name
			}
			if id == "sent" {
				want.ExternalReferenceID = w.ExternalReferenceID
			}
		default:
			return fmt.Errorf("group %d was %v, is %v, and %v was asked for: the record is %q", b.ID, b, s, w, record)
		}
		if after[i] != want {
			return fmt.Errorf("group %d was %v, was changed to %v, and %v was asked for: the store has %v, want %v; PUTs %q; records %q", b.ID, b, s, w, after[i], want, tr.puts(), tr.records())
		}
	}
	return nil
}

// If nobody else changes the store, a run has the same result with a base as without one, no matter how often it is
// stopped or killed.
func TestBaseWithoutOtherChanges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sc := draw(rt, false)
		stops := drawStops(rt)
		sc.try(t, rt, func(tr *trial) error {
			base := tr.pulled()
			before := tr.server.Groups()
			if err := tr.runWithStops(stops, tr.listing()...); err != nil {
				return err
			}
			want, records := tr.server.Groups(), tr.records()
			for _, g := range before {
				tr.server.SetGroup(ecwidtest.Group{ID: g.ID, Name: g.Name})
			}
			for _, g := range before {
				tr.server.SetGroup(g)
			}
			tr.path += ".base"
			if err := tr.runWithStops(stops, tr.withBase(base)...); err != nil {
				return err
			}
			if diff := cmp.Diff(want, tr.server.Groups()); diff != "" {
				return fmt.Errorf("with a base, the store is different: %s; records %q", diff, tr.records())
			}
			for i, record := range tr.records() {
				if journal.Status(record[4]) == journal.Conflict {
					return fmt.Errorf("the record is %q, and without a base it was %q", record, records[i])
				}
			}
			return nil
		})
	})
}

// The backup of a run, sent with the results as its base, undoes the run, including swaps and cycles of external ids, no
// matter where both runs were stopped or killed. Changes that others have made since are kept.
func TestUndo(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var sc scenario
		if rapid.Bool().Draw(rt, "few ids") {
			sc = drawContest(rt, false, false)
		} else {
			sc = draw(rt, false)
		}
		sc.clear = false // the results do not distinguish an external id that was cleared from one that was kept
		stops, undoStops := drawStops(rt), drawStops(rt)
		others := drawEdit(rt, "their", sc.groups)
		if rapid.Bool().Draw(rt, "nobody else") {
			others = edit{}
		}
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
			results, err := os.ReadFile(tr.path)
			if err != nil {
				return err
			}
			for _, g := range tr.server.Groups() {
				if name, ok := others[g.ID][nameField]; ok {
					g.Name = "their " + name
					tr.server.SetGroup(g)
				}
			}
			changed := tr.server.Groups()
			tr.input, tr.clear, tr.path = string(saved), true, tr.path+".undo"
			if err := tr.runWithStops(undoStops, tr.withBase(string(results))...); err != nil {
				return err
			}
			return tr.checkUndo(before, changed, others)
		})
	})
}

// checkUndo checks that the groups are as they were before, except those that others have renamed. These have the names
// that others gave them.
func (tr *trial) checkUndo(before, changed []ecwidtest.Group, others edit) error {
	status := map[string]journal.Status{}
	for _, record := range tr.records() {
		status[record[1]] = journal.Status(record[4])
	}
	for i, g := range tr.server.Groups() {
		if _, theirs := others[g.ID][nameField]; theirs {
			want := changed[i]
			if status[fmt.Sprint(g.ID)].Good() { // the row had the old name, so undoing it does not change the name
				want.ExternalReferenceID = before[i].ExternalReferenceID
			}
			if g != want {
				return fmt.Errorf("others have changed group %d to %v, and it is %v: records %q", g.ID, changed[i], g, tr.records())
			}
			continue
		}
		if g != before[i] && len(others) == 0 {
			return fmt.Errorf("group %d was %v and is %v: records %q", g.ID, before[i], g, tr.records())
		}
		if status[fmt.Sprint(g.ID)] == journal.Conflict {
			return fmt.Errorf("group %d, which nobody else has changed, is a conflict: records %q", g.ID, tr.records())
		}
	}
	return nil
}
