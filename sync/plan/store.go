package plan

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
)

// Store is what the groups of the store hold, as far as it is known: they are listed once, and each response
// updates it. It has one entry for each group of the store. Its methods may be called concurrently.
type Store struct {
	mu      sync.Mutex
	groups  map[int32]*ecwid.CustomerGroup // nil: the group exists, and its values are not known
	holders map[string]int32               // external id → the group that holds it
	names   map[int32]string               // also known after an update of unknown outcome that does not set the name
}

// NewStore returns the state of a store that has these groups.
func NewStore(groups []ecwid.CustomerGroup) *Store {
	s := &Store{groups: make(map[int32]*ecwid.CustomerGroup, len(groups)), holders: map[string]int32{}, names: map[int32]string{}}
	for _, g := range groups {
		s.Set(g)
	}
	return s
}

// Clone returns a copy.
func (s *Store) Clone() *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Store{groups: maps.Clone(s.groups), holders: maps.Clone(s.holders), names: maps.Clone(s.names)}
}

// State is the part of the store that matters for one row.
type State struct {
	// exists: the store has the row's group. group is nil if its values are not known.
	exists bool
	group  *ecwid.CustomerGroup
	// taken: another group, the holder, has the external id that the row sets.
	taken  bool
	holder int32
}

// Lookup returns the state for a row.
func (s *Store) Lookup(row groupfile.Row) State {
	s.mu.Lock()
	defer s.mu.Unlock()
	var now State
	now.group, now.exists = s.groups[row.ID]
	if wanted := row.Update.ExternalReferenceID.Value(); wanted != "" {
		now.holder, now.taken = s.holders[wanted]
		now.taken = now.taken && now.holder != row.ID
	}
	return now
}

// holds reports whether the row's group is known to hold the values of an invalid row. A carriage return before a
// line feed makes no difference: CSV files do not preserve it.
func (s *Store) holds(row groupfile.Row) bool {
	s.mu.Lock()
	g := s.groups[row.Unsendable.ID]
	s.mu.Unlock()
	if g == nil || row.Unsendable.ID == 0 {
		return false
	}
	read := *g
	read.Name = strings.ReplaceAll(g.Name, "\r\n", "\n")
	read.ExternalReferenceID = strings.ReplaceAll(g.ExternalReferenceID, "\r\n", "\n")
	return !row.Unsendable.Update.Changes(*g) || !row.Unsendable.Update.Changes(read)
}

// group returns what the store is known to hold of a group: at least its id.
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
	if known := s.groups[id]; known != nil {
		return *known, true
	}
	return ecwid.CustomerGroup{ID: id}, false
}

// Set records what a group holds.
func (s *Store) Set(g ecwid.CustomerGroup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release(g.ID)
	s.groups[g.ID] = &g
	s.names[g.ID] = g.Name
	if g.ExternalReferenceID != "" {
		s.holders[g.ExternalReferenceID] = g.ID
	}
}

// Apply records an update that the store confirmed.
func (s *Store) Apply(id int32, u ecwid.CustomerGroupUpdate) {
	s.mu.Lock()
	g := s.groups[id]
	s.mu.Unlock()
	if g == nil {
		s.forget(id)
		return
	}
	s.Set(u.Applied(*g))
}

// forget records that the values of a group are not known.
func (s *Store) forget(id int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release(id)
	s.groups[id] = nil
}

// ApplyUncertain records an update that the store may or may not have applied.
func (s *Store) ApplyUncertain(id int32, u ecwid.CustomerGroupUpdate) {
	s.forget(id)
	if !u.Name.IsZero() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.names, id)
	}
}

// AddName returns the update with the current name of the group, unless it sets one: whether Ecwid requires the
// name is not documented.
func (s *Store) AddName(id int32, u ecwid.CustomerGroupUpdate) ecwid.CustomerGroupUpdate {
	s.mu.Lock()
	defer s.mu.Unlock()
	return WithName(u, s.names[id])
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
	if g := s.groups[id]; g != nil && s.holders[g.ExternalReferenceID] == id {
		delete(s.holders, g.ExternalReferenceID)
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
func (s *Store) all() []ecwid.CustomerGroup {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []ecwid.CustomerGroup
	for _, id := range slices.Sorted(maps.Keys(s.groups)) {
		if g := s.groups[id]; g != nil {
			all = append(all, *g)
		}
	}
	return all
}
