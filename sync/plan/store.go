package plan

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
)

// Store holds what is known about the store's groups: they are listed once, and each response updates their values.
// It has one entry for each group of the store. Its methods may be called concurrently.
type Store struct {
	mu      sync.Mutex
	groups  map[int32]ecwid.CustomerGroup
	unknown map[int32]bool   // groups whose values are not known, except the name if it is not ""
	holders map[string]int32 // external id → the group that holds it
}

// NewStore returns the state of a store that has these groups.
func NewStore(groups []ecwid.CustomerGroup) *Store {
	s := &Store{
		groups:  make(map[int32]ecwid.CustomerGroup, len(groups)),
		unknown: map[int32]bool{},
		holders: make(map[string]int32, len(groups)),
	}
	for _, g := range groups {
		s.set(g)
	}
	return s
}

// Clone returns a copy.
func (s *Store) Clone() *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Store{groups: maps.Clone(s.groups), unknown: maps.Clone(s.unknown), holders: maps.Clone(s.holders)}
}

// State is the part of the store that matters for one row.
type State struct {
	exists bool // the store has the row's group
	known  bool // the values of the group are known
	group  ecwid.CustomerGroup
	// taken reports whether another group, the holder, has the external id that the row sets.
	taken  bool
	holder int32
}

// Lookup returns the state for a row.
func (s *Store) Lookup(row groupfile.Row) State {
	s.mu.Lock()
	defer s.mu.Unlock()
	var state State
	state.group, state.exists = s.groups[row.ID]
	state.known = state.exists && !s.unknown[row.ID]
	if wanted := row.Update.ExternalReferenceID.Value(); wanted != "" {
		state.holder, state.taken = s.holders[wanted]
		state.taken = state.taken && state.holder != row.ID
	}
	return state
}

// holds reports whether the row's group is known to hold the values of an invalid row. A carriage return before a
// line feed makes no difference: CSV files do not preserve it.
func (s *Store) holds(row groupfile.Row) bool {
	if row.Unsendable == nil {
		return false
	}
	g, ok := s.known(row.Unsendable.ID)
	if !ok {
		return false
	}
	read := g
	read.Name = strings.ReplaceAll(g.Name, "\r\n", "\n")
	read.ExternalReferenceID = strings.ReplaceAll(g.ExternalReferenceID, "\r\n", "\n")
	return !row.Unsendable.Update.Changes(g) || !row.Unsendable.Update.Changes(read)
}

// group returns what is known of a group: at least its id.
func (s *Store) group(id int32) ecwid.CustomerGroup {
	g, _ := s.known(id)
	return g
}

// has reports whether the store has a group.
func (s *Store) has(id int32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.groups[id]
	return ok
}

// known returns the values of a group if they are known.
func (s *Store) known(id int32) (g ecwid.CustomerGroup, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g, ok := s.groups[id]; ok && !s.unknown[id] {
		return g, true
	}
	return ecwid.CustomerGroup{ID: id}, false
}

// Set records what a group holds.
func (s *Store) Set(g ecwid.CustomerGroup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set(g)
}

// set implements Set. s.mu must be held.
func (s *Store) set(g ecwid.CustomerGroup) {
	s.release(g.ID)
	s.groups[g.ID] = g
	delete(s.unknown, g.ID)
	if g.ExternalReferenceID != "" {
		s.holders[g.ExternalReferenceID] = g.ID
	}
}

// Apply records an update that the store confirmed.
func (s *Store) Apply(id int32, u ecwid.CustomerGroupUpdate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.groups[id]
	if updated := u.Applied(g); ok && !s.unknown[id] {
		s.set(updated)
	} else {
		s.forget(id, updated.Name)
	}
}

// forget records that the values of a group are not known, except the name, unless that is "". s.mu must be held.
func (s *Store) forget(id int32, name string) {
	s.release(id)
	s.groups[id] = ecwid.CustomerGroup{ID: id, Name: name}
	s.unknown[id] = true
}

// ApplyUncertain records an update that the store may or may not have applied.
func (s *Store) ApplyUncertain(id int32, u ecwid.CustomerGroupUpdate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := s.groups[id].Name
	if !u.Name.IsZero() {
		name = ""
	}
	s.forget(id, name)
}

// AddName returns the update with the current name of the group, unless it sets one: whether Ecwid requires the
// name is not documented.
func (s *Store) AddName(id int32, u ecwid.CustomerGroupUpdate) ecwid.CustomerGroupUpdate {
	s.mu.Lock()
	defer s.mu.Unlock()
	return WithName(u, s.groups[id].Name)
}

// WithName returns the update with the name, unless it sets one or the name is blank.
func WithName(u ecwid.CustomerGroupUpdate, name string) ecwid.CustomerGroupUpdate {
	if u.Name.IsZero() && !groupfile.IsBlank(name) {
		u.Name = ecwid.String(name)
	}
	return u
}

// release removes the group as the holder of its external id. s.mu must be held.
func (s *Store) release(id int32) {
	if externalID := s.groups[id].ExternalReferenceID; s.holders[externalID] == id {
		delete(s.holders, externalID)
	}
}

// count returns the number of groups, without the default one.
func (s *Store) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.groups)
	if _, ok := s.groups[0]; ok {
		n--
	}
	return n
}

// all returns the groups whose values are known, in the order of their ids.
func (s *Store) all() iter.Seq[ecwid.CustomerGroup] {
	s.mu.Lock()
	ids := slices.Sorted(maps.Keys(s.groups))
	s.mu.Unlock()
	return func(yield func(ecwid.CustomerGroup) bool) {
		for _, id := range ids {
			if g, ok := s.known(id); ok && !yield(g) {
				return
			}
		}
	}
}
