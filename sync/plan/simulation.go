package plan

import "groupsync/sync/groupfile"

// Simulation applies the rows of a file, in their order, to a copy of the store, as if the store accepted every
// PUT. For each row, it finds the group whose rows have to be settled before the row can set its external id.
//
//	9367001  a → b      9367002 holds b, and a later row of it sets c: b is cleared there first
//	9367002  b → c      c is free
//	9367003  – → a      waits for the first row
//
// So rows are applied in the order of the file, and swaps, chains and cycles of external ids cause no conflict.
type Simulation struct {
	store *Store
	base  *Base
	// Lookahead is nil if the file was not read ahead.
	Lookahead Lookahead
	// released are the external ids that recent rows released: these rows may still be unsettled.
	released map[string]release
	recent   []release // oldest first
	// window is how many rows of the run may be unsettled at once.
	window int
}

// release is an external id that a row released.
type release struct {
	id    string
	group int32
	seq   int
}

// NewSimulation returns a simulation that changes the store and the base, which may be nil. At most window rows of the
// run are unsettled at once.
func NewSimulation(store *Store, base *Base, lookahead Lookahead, window int) *Simulation {
	return &Simulation{store: store, base: base, Lookahead: lookahead, released: map[string]release{}, window: window}
}

// Dependency is another group that a row depends on, because of the external id that the row sets.
type Dependency struct {
	// Exists reports whether there is such a group: its rows before this one have to be settled first.
	Exists bool
	Group  int32
	// releases reports whether Group holds the id, and a later row of Group that succeeds releases it.
	releases bool
	// LastToSet reports whether no later row of the row's own group sets an external id.
	LastToSet bool
	// final reports whether the file was read ahead, so that a group that does not release its id keeps it.
	final bool
}

// Next applies the next valid row, which is the seq-th of the run. It also returns the state before the row.
func (s *Simulation) Next(row groupfile.Row, seq int) (Dependency, State, Change) {
	for len(s.recent) > 0 && s.recent[0].seq < seq-s.window-2 { // that row is settled
		if old := s.recent[0]; s.released[old.id] == old {
			delete(s.released, old.id)
		}
		s.recent = s.recent[1:]
	}
	state := s.store.Lookup(row)
	dep := Dependency{final: s.Lookahead != nil, LastToSet: row.Line >= s.Lookahead[row.ID].lastSet}
	wanted := row.Update.ExternalReferenceID.Value()
	if before, ok := s.released[wanted]; state.taken {
		dep.Exists, dep.Group = true, state.holder
		dep.releases = s.Lookahead.mayClear(state.holder, row.Line) && s.base.hasID(state.holder, wanted)
	} else if ok && before.group != row.ID {
		dep.Exists, dep.Group = true, before.group
	}
	change := Diff(row, state, s.base.group(row.ID), dep)
	switch change.Action {
	case Unchanged:
		s.base.set(row.ID, change.Update)
	case ClearAndPut:
		s.store.Apply(state.holder, ClearID())
		s.base.set(state.holder, ClearID())
		fallthrough
	case Put:
		s.base.set(row.ID, change.Update)
		old := s.store.group(row.ID).ExternalReferenceID
		s.store.Apply(row.ID, change.Update)
		if old != "" && old != s.store.group(row.ID).ExternalReferenceID {
			r := release{old, row.ID, seq}
			s.released[old] = r
			s.recent = append(s.recent, r)
		}
	}
	return dep, state, change
}

// WithoutUnchanged returns an invalid row without the values that the base has as well.
func (s *Simulation) WithoutUnchanged(row groupfile.Row) groupfile.Row {
	return s.base.withoutUnchanged(row)
}
