package plan

import (
	"strings"
	"testing"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"

	"pgregory.net/rapid"
)

// drawField draws the value of a field. "-" is a value that is not known or not set.
func drawField(t *rapid.T, name string, values ...string) string {
	return rapid.SampledFrom(values).Draw(t, name)
}

func optional(value string) ecwid.OptionalString {
	switch value {
	case "-":
		return ecwid.OptionalString{}
	case "":
		return ecwid.Null()
	}
	return ecwid.String(value)
}

// fieldOutcome returns what should happen to a field of a row.
func fieldOutcome(base, store, row string) string {
	for _, rule := range []struct {
		applies bool
		outcome string
	}{
		{row == "-", "nothing"},
		{row == store, "nothing"},
		{base != "-" && row == base, "nothing"},
		{base != "-" && store == base, "sent"},
		{true, "conflict"},
	} {
		if rule.applies {
			return rule.outcome
		}
	}
	panic("no rule applies")
}

// Diff with a base follows the rules, field by field. If one field is a conflict, nothing of the row is sent.
func TestDiffWithBase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		baseName, storeName, rowName := drawField(t, "base name", "-", "a", "b", "c"), drawField(t, "store name", "a", "b", "c"), drawField(t, "row name", "-", "a", "b", "c")
		baseID, storeID, rowID := drawField(t, "base id", "-", "", "x", "y"), drawField(t, "store id", "", "x", "y"), drawField(t, "row id", "-", "", "x", "y")
		row := groupfile.Row{ID: 1, Update: ecwid.CustomerGroupUpdate{Name: optional(rowName), ExternalReferenceID: optional(rowID)}}
		base := ecwid.CustomerGroupUpdate{Name: optional(baseName), ExternalReferenceID: optional(baseID)}
		state := State{exists: true, known: true, group: ecwid.CustomerGroup{ID: 1, Name: storeName, ExternalReferenceID: storeID}}

		got := Diff(row, state, &base, Dependency{})

		name, id := fieldOutcome(baseName, storeName, rowName), fieldOutcome(baseID, storeID, rowID)
		switch {
		case name == "conflict" || id == "conflict":
			d, ok := got.Decide(row, state)
			if got.Action != Conflict || !ok || d.Status != journal.Conflict {
				t.Fatalf("got %+v, %+v, want a conflict", got, d)
			}
			if strings.Contains(d.Reason, "name: ") != (name == "conflict") || strings.Contains(d.Reason, "externalReferenceId: ") != (id == "conflict") {
				t.Fatalf("the reason is %q, for name: %s, id: %s", d.Reason, name, id)
			}
		case name == "nothing" && id == "nothing":
			if got.Action != Unchanged {
				t.Fatalf("got %+v, want no change", got)
			}
		default:
			want := ecwid.CustomerGroupUpdate{}
			if name == "sent" {
				want.Name = row.Update.Name
			}
			if id == "sent" {
				want.ExternalReferenceID = row.Update.ExternalReferenceID
			}
			if got.Action != Put || got.Differing != want {
				t.Fatalf("got %+v, want %+v to be sent", got, want)
			}
		}
	})
}

// Without a base, a row asks for all of its values.
func TestDiffWithoutBase(t *testing.T) {
	holds := func(name, id string) State {
		return State{exists: true, known: true, group: ecwid.CustomerGroup{ID: 1, Name: name, ExternalReferenceID: id}}
	}
	taken := holds("A", "")
	taken.taken, taken.holder = true, 2
	for _, c := range []struct {
		name     string
		rowName  string
		rowID    string
		state    State
		dep      Dependency
		action   Action
		sentName string
	}{
		{"no such group", "A", "-", State{}, Dependency{}, NoSuchGroup, "A"},
		{"the same values", "A", "x", holds("A", "x"), Dependency{}, Unchanged, "-"},
		{"an empty cell for a group without an external id", "A", "", holds("A", ""), Dependency{}, Unchanged, "-"},
		{"an empty cell clears", "A", "", holds("A", "x"), Dependency{}, Put, "-"},
		{"another name", "B", "x", holds("A", "x"), Dependency{}, Put, "B"},
		{"values that are not known", "A", "x", State{exists: true}, Dependency{}, Put, "A"},
		{"an id that its holder releases", "A", "x", taken, Dependency{Exists: true, Group: 2, releases: true, final: true}, ClearAndPut, "-"},
		{"an id that its holder keeps", "A", "x", taken, Dependency{Exists: true, Group: 2, final: true}, IDTaken, "-"},
		{"an id that its holder may keep or release", "A", "x", taken, Dependency{Exists: true, Group: 2}, Put, "-"},
		{"an id that moved to a third group", "A", "x", taken, Dependency{Exists: true, Group: 3, releases: true, final: true}, Put, "-"},
	} {
		row := groupfile.Row{ID: 1, Update: ecwid.CustomerGroupUpdate{Name: optional(c.rowName), ExternalReferenceID: optional(c.rowID)}}
		got := Diff(row, c.state, nil, c.dep)
		if got.Action != c.action || got.Update != row.Update || got.Differing.Name != optional(c.sentName) {
			t.Errorf("%s: got %+v, want action %d, and the name %q to differ", c.name, got, c.action, c.sentName)
		}
	}
}

func TestConflictReason(t *testing.T) {
	row := groupfile.Row{ID: 1, Update: ecwid.CustomerGroupUpdate{Name: ecwid.String("mine"), ExternalReferenceID: ecwid.String("x")}}
	state := State{exists: true, known: true, group: ecwid.CustomerGroup{ID: 1, Name: "theirs"}}
	d, _ := Diff(row, state, &ecwid.CustomerGroupUpdate{Name: ecwid.String("old")}, Dependency{}).Decide(row, state)
	want := `name: it was changed in the store from "old" to "theirs" since the base was written, and the row has "mine"; ` +
		`externalReferenceId: the base has no value for it, the store has none, and the row has "x"`
	if d.Reason != want {
		t.Errorf("got  %s\nwant %s", d.Reason, want)
	}
}
