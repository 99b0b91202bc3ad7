package ecwidtest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Group is a customer group of the emulated store.
type Group struct {
	ID                        int32
	Name, ExternalReferenceID string // ExternalReferenceID "" is unset
}

// store is the customer groups, and what a change does to them.
type store struct {
	options Options

	mu     sync.Mutex
	groups map[int32]Group
	holder map[string]int32 // external id → the group that holds it: they are unique in a store
	sorted []Group          // groups by id; nil when they have changed since
}

func newStore(o Options) *store {
	s := &store{options: o, groups: map[int32]Group{}, holder: map[string]int32{}}
	s.set(Group{ID: 0, Name: "General"}) // Ecwid's default group
	for _, g := range o.Groups {
		s.set(g)
	}
	return s
}

// set puts g in place whatever was there.
func (s *store) set(g Group) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if other, held := s.holder[g.ExternalReferenceID]; held && other != g.ID {
		loser := s.groups[other]
		loser.ExternalReferenceID = ""
		s.put(loser)
	}
	s.put(g)
}

// put replaces a group and keeps holder true. It wants mu.
func (s *store) put(g Group) {
	s.release(g.ID)
	if g.ExternalReferenceID != "" {
		s.holder[g.ExternalReferenceID] = g.ID
	}
	s.groups[g.ID] = g
	s.sorted = nil
}

func (s *store) delete(id int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release(id)
	delete(s.groups, id)
	s.sorted = nil
}

// release makes the external id of a group free. It wants mu.
func (s *store) release(id int32) {
	if held := s.groups[id].ExternalReferenceID; held != "" {
		delete(s.holder, held)
	}
}

// list is all groups by id.
func (s *store) list() []Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ordered())
}

// page is up to limit of the groups of these ids (nil: all), by id, from offset on, and how many there are in all.
func (s *store) page(ids []int32, offset, limit int) (items []Group, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.ordered()
	if ids != nil {
		all = nil
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			if g, ok := s.groups[id]; ok {
				all = append(all, g)
			}
		}
	}
	from := min(offset, len(all))
	return slices.Clone(all[from:min(from+limit, len(all))]), len(all)
}

// ordered wants mu.
func (s *store) ordered() []Group {
	if s.sorted == nil {
		s.sorted = slices.SortedFunc(maps.Values(s.groups), func(a, b Group) int { return cmp.Compare(a.ID, b.ID) })
	}
	return s.sorted
}

// get is one group; ok is false if there is none.
func (s *store) get(id int32) (g Group, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(id)
}

// find is get for those that hold mu.
func (s *store) find(id int32) (g Group, ok bool) {
	g, ok = s.groups[id]
	if !ok && s.options.AnyGroup {
		g, ok = Group{ID: id, Name: fmt.Sprintf("Group %d", id)}, true
		s.put(g)
	}
	return g, ok
}

// update applies a change as the options say, and answers it.
func (s *store) update(id int32, c change) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.find(id)
	if !ok {
		return groupNotFound(id)
	}
	g := old
	if c.name != nil {
		g.Name = *c.name
	}
	if c.externalID != nil && !s.options.DropExternalID {
		g.ExternalReferenceID = *c.externalID
	}
	if other, held := s.holder[g.ExternalReferenceID]; held && other != id {
		return externalIDUsed(g.ExternalReferenceID, other)
	}
	if s.refuses(id) {
		return updateCount(0)
	}
	if g == old && s.options.ZeroUpdate == ZeroWhenUnchanged {
		return updateCount(0)
	}
	if g != old {
		s.put(g)
	}
	return updateCount(1)
}

// refuses reports whether changes of the group are silently not applied.
func (s *store) refuses(id int32) bool {
	o := s.options
	return o.ZeroUpdate == ZeroRefused && (o.Refused == nil || slices.Contains(o.Refused, id))
}
