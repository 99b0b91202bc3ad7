package plan

import (
	"testing"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
)

// holder returns the group, other than group 9, that holds an external id; 0 if none does.
func (s *Store) holder(externalID string) int32 {
	state := s.Lookup(values(9, "-", externalID))
	if !state.taken {
		return 0
	}
	return state.holder
}

func TestStore(t *testing.T) {
	s := NewStore([]ecwid.CustomerGroup{{ID: 0, Name: "General"}, {ID: 1, Name: "A", ExternalReferenceID: "a"}, {ID: 2, Name: "B"}})
	clone := s.Clone()

	if s.count() != 2 {
		t.Errorf("the store has %d groups besides the default one, want 2", s.count())
	}
	if state := s.Lookup(values(3, "A", "-")); state.exists {
		t.Error("a group exists that was not listed")
	}
	if state := s.Lookup(values(1, "A", "a")); state.taken {
		t.Error("the external id of the row's own group is taken")
	}

	// An external id moves.
	s.Apply(1, ClearID())
	s.Apply(2, values(2, "-", "a").Update)
	if got := s.holder("a"); got != 2 {
		t.Errorf("group %d holds the id, want 2", got)
	}
	// After an update that may have been applied, only the name is known, because the update did not set it.
	s.ApplyUncertain(2, values(2, "-", "b").Update)
	if _, known := s.known(2); known || !s.has(2) || s.holder("a") != 0 {
		t.Error("the values of group 2 are known")
	}
	if got := s.AddName(2, ClearID()); got.Name.Value() != "B" {
		t.Errorf("the name is %q, want B", got.Name.Value())
	}
	// A confirmed update sets the name of such a group.
	s.Apply(2, values(2, "D", "-").Update)
	if got := s.AddName(2, ClearID()); got.Name.Value() != "D" {
		t.Errorf("the name is %q, want D", got.Name.Value())
	}
	s.ApplyUncertain(2, values(2, "C", "-").Update)
	if got := s.AddName(2, ClearID()); !got.Name.IsZero() {
		t.Errorf("the name is %q, want none", got.Name.Value())
	}
	// A response has all values of the group.
	s.Set(ecwid.CustomerGroup{ID: 2, Name: "C", ExternalReferenceID: "b"})
	if g, known := s.known(2); !known || g.Name != "C" || s.holder("b") != 2 {
		t.Errorf("group 2 is %v", g)
	}

	if clone.holder("a") != 1 {
		t.Error("the clone has changed with the store")
	}
}

func TestWithName(t *testing.T) {
	id, both := ClearID(), values(1, "A", "x").Update
	if got := WithName(id, "B"); got.Name.Value() != "B" {
		t.Errorf("got %+v", got)
	}
	if got := WithName(both, "B"); got != both {
		t.Errorf("got %+v", got)
	}
	if got := WithName(id, " "); got != id {
		t.Errorf("a blank name was added: %+v", got)
	}
}

func TestDecideInvalid(t *testing.T) {
	store := NewStore([]ecwid.CustomerGroup{{ID: 1, Name: "a\r\nb"}})
	row := groupfile.Row{Err: &groupfile.RowError{Column: "name", Reason: "it contains a line break"}}
	row.Unsendable = &groupfile.Unsendable{ID: 1, Update: values(1, "a\nb", "-").Update}
	other := row
	other.Unsendable = &groupfile.Unsendable{ID: 1, Update: values(1, "a\nc", "-").Update}
	for _, c := range []struct {
		name  string
		row   groupfile.Row
		store *Store
		want  journal.Status
	}{
		{"the store holds the value, but for a carriage return", row, store, journal.Unchanged},
		{"the store holds another value", other, store, journal.Invalid},
		{"the store is not known", row, nil, journal.Invalid},
	} {
		if got := DecideInvalid(c.row, c.store); got.Status != c.want {
			t.Errorf("%s: got %+v, want %s", c.name, got, c.want)
		}
	}
}
