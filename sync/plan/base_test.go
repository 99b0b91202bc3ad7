package plan

import (
	"errors"
	"slices"
	"testing"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"

	"github.com/google/go-cmp/cmp"
)

// values returns a row with these values. "-" is a value that is not set.
func values(id int32, name, externalID string) groupfile.Row {
	return groupfile.Row{ID: id, Update: ecwid.CustomerGroupUpdate{Name: optional(name), ExternalReferenceID: optional(externalID)}}
}

// sequence returns rows, and the error err at their end unless it is nil.
func sequence(err error, rows ...groupfile.Row) func(func(groupfile.Row, error) bool) {
	return func(yield func(groupfile.Row, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
		if err != nil {
			yield(groupfile.Row{}, err)
		}
	}
}

// known returns the values that a base has for a group. "-" is a value that it does not have.
func (b *Base) known(id int32) [2]string {
	text := func(s ecwid.OptionalString) string {
		if s.IsZero() {
			return "-"
		}
		return s.Value()
	}
	return [2]string{text(b.groups[id].Name), text(b.groups[id].ExternalReferenceID)}
}

func TestNewBase(t *testing.T) {
	store := NewStore([]ecwid.CustomerGroup{{ID: 1, Name: "A", ExternalReferenceID: "x"}, {ID: 2, Name: "B"}, {ID: 3, Name: "B"}})
	untidy := values(2, " B", "y ")
	untidy.Untidy = true
	invalid := groupfile.Row{Err: errors.New("a value that cannot be sent")}
	invalid.Unsendable = &groupfile.Unsendable{ID: 1, Update: values(1, "A\n", "-").Update}
	byKey, ambiguous := values(0, "-", "z"), values(0, "-", "z")
	byKey.Key, ambiguous.Key = "A", "B"
	for _, c := range []struct {
		name string
		key  string
		rows []groupfile.Row
		want map[int32][2]string
	}{
		{"later rows win, by field", "", []groupfile.Row{values(1, "A", "x"), values(1, "C", "-")}, map[int32][2]string{1: {"C", "x"}}},
		{"a group that the store does not have", "", []groupfile.Row{values(9, "A", "x")}, map[int32][2]string{}},
		{"a value that cannot be sent", "", []groupfile.Row{invalid}, map[int32][2]string{1: {"A\n", "-"}}},
		{"an untidy value that the store holds tidied", "", []groupfile.Row{untidy}, map[int32][2]string{2: {"B", "y "}}},
		{"by key", groupfile.ColumnName, []groupfile.Row{byKey, ambiguous}, map[int32][2]string{1: {"-", "z"}}},
	} {
		b, err := NewBase(sequence(nil, c.rows...), c.key, store)
		if err != nil {
			t.Fatal(err)
		}
		got := map[int32][2]string{}
		for id := range b.groups {
			got[id] = b.known(id)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	broken := errors.New("broken")
	if _, err := NewBase(sequence(broken, values(1, "A", "x")), "", store); !errors.Is(err, broken) {
		t.Errorf("got %v, want the error of the rows", err)
	}
}

// A value that a run sent is not a change made by others as long as the store holds it.
func TestAddSent(t *testing.T) {
	store := NewStore([]ecwid.CustomerGroup{{ID: 1, Name: "sent", ExternalReferenceID: "theirs"}, {ID: 2, Name: "tidy"}})
	b, err := NewBase(sequence(nil, values(1, "old", "old"), values(2, "old", "-")), "", store)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.AddSent(sequence(nil, values(1, "sent", "sent"), values(2, " tidy", "-"), values(9, "gone", "-")), store); err != nil {
		t.Fatal(err)
	}
	got := [][2]string{b.known(1), b.known(2)}
	if diff := cmp.Diff([][2]string{{"sent", "old"}, {"tidy", "-"}}, got); diff != "" {
		t.Error(diff)
	}
	broken := errors.New("broken")
	if err := b.AddSent(sequence(broken), store); !errors.Is(err, broken) {
		t.Errorf("got %v, want the error of the rows", err)
	}
}

// A value that a row of the file asks for, and an external id that an earlier run may have cleared, are not changes made
// by others.
func TestContinue(t *testing.T) {
	store := NewStore([]ecwid.CustomerGroup{{ID: 1, Name: "new", ExternalReferenceID: "a"}, {ID: 2, Name: "B"}, {ID: 3, Name: "C"}, {ID: 4, Name: "theirs"}})
	row := func(line int, id int32, name, externalID string) groupfile.Row {
		r := values(id, name, externalID)
		r.Line = line
		return r
	}
	file := []groupfile.Row{
		row(2, 1, "new", "a"), // as the store has it
		row(3, 2, "-", "c"),   // settled; its id was cleared again for line 6
		row(4, 2, "-", "d"),
		row(5, 4, "mine", "-"), // others have changed that
		row(6, 1, "-", "c"),
	}
	b, err := NewBase(sequence(nil, values(1, "old", "b"), values(2, "B", "a"), values(3, "C", "e"), values(4, "old", "-")), "", store)
	if err != nil {
		t.Fatal(err)
	}
	err = b.Continue(store, func(line int) bool { return line <= 3 }, 1000, func(visit func(groupfile.Row)) error {
		for row := range slices.Values(file) {
			visit(row)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[int32][2]string{1: {"new", "a"}, 2: {"B", ""}, 3: {"C", "e"}, 4: {"old", "-"}}
	for id, values := range want {
		if got := b.known(id); got != values {
			t.Errorf("group %d: got %q, want %q", id, got, values)
		}
	}
}
