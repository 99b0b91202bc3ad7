package ecwidtest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"sync"
)

// DefaultGroupName is the name of group 0, the default group, unless it is changed.
const DefaultGroupName = "General"

// Group is a customer group of the emulated store.
type Group struct {
	ID                        int32
	Name, ExternalReferenceID string // ExternalReferenceID is "" if unset
}

// store holds the customer groups and changes them.
type store struct {
	options Options

	mu     sync.Mutex
	groups map[int32]Group
	holder map[string]int32 // external id → its group: external ids are unique in a store
	sorted []Group          // the groups by id; nil after a change
}

func newStore(o Options) *store {
	s := &store{options: o, groups: map[int32]Group{}, holder: map[string]int32{}}
	s.set(Group{ID: 0, Name: DefaultGroupName})
	for _, g := range o.Groups {
		s.set(g)
	}
	return s
}

// set adds or replaces a group. If another group has its external id, that group loses it.
func (s *store) set(g Group) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if other, found := s.holder[g.ExternalReferenceID]; found && other != g.ID {
		previous := s.groups[other]
		previous.ExternalReferenceID = ""
		s.put(previous)
	}
	s.put(g)
}

// put adds or replaces a group. s.mu must be held.
func (s *store) put(g Group) {
	s.release(g.ID)
	if g.ExternalReferenceID != "" {
		s.holder[g.ExternalReferenceID] = g.ID
	}
	s.groups[g.ID] = g
	s.sorted = nil
}

// delete deletes a group and returns the number of deleted groups, 0 or 1.
func (s *store) delete(id int32) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, found := s.groups[id]; !found {
		return 0
	}
	s.release(id)
	delete(s.groups, id)
	s.sorted = nil
	return 1
}

// release frees the external id of a group. s.mu must be held.
func (s *store) release(id int32) {
	if externalID := s.groups[id].ExternalReferenceID; externalID != "" {
		delete(s.holder, externalID)
	}
}

// list returns all groups by id.
func (s *store) list() []Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ordered())
}

// page returns up to limit of the groups that meet the condition, if it is not nil, by id, from offset on, and
// the number of all that meet it.
func (s *store) page(keep func(Group) bool, offset, limit int) (items []Group, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.ordered()
	if keep != nil {
		all = slices.DeleteFunc(slices.Clone(all), func(g Group) bool { return !keep(g) })
	}
	from := min(offset, len(all))
	return slices.Clone(all[from:min(from+limit, len(all))]), len(all)
}

// ordered returns the groups by id. s.mu must be held.
func (s *store) ordered() []Group {
	if s.sorted == nil {
		s.sorted = slices.SortedFunc(maps.Values(s.groups), func(a, b Group) int { return cmp.Compare(a.ID, b.ID) })
	}
	return s.sorted
}

// get returns one group; ok is false if there is none.
func (s *store) get(id int32) (g Group, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(id)
}

// find implements get. s.mu must be held.
func (s *store) find(id int32) (g Group, ok bool) {
	g, ok = s.groups[id]
	if !ok && s.options.AnyGroup {
		g, ok = Group{ID: id, Name: fmt.Sprintf("Group %d", id)}, true
		s.put(g)
	}
	return g, ok
}

// update applies a change as the options say, and returns the response.
func (s *store) update(id int32, c change) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.find(id)
	if !ok {
		return groupNotFound(id)
	}
	g := s.changed(old, c)
	if other, found := s.holder[g.ExternalReferenceID]; found && other != id {
		return externalIDUsed(g.ExternalReferenceID, other)
	}
	if s.refuses(id) || g == old && s.options.ZeroUpdate == ZeroWhenUnchanged {
		return updateCount(0)
	}
	if g != old {
		s.put(g)
	}
	return updateCount(1)
}

// create adds a group with the next free id, and returns the response.
func (s *store) create(c change) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := slices.Max(append(slices.Collect(maps.Keys(s.groups)), 0))
	if last == math.MaxInt32 {
		return refuse(http.StatusConflict, "CONSTRAINT_VIOLATION", "There is no free id")
	}
	g := s.changed(Group{ID: last + 1}, c)
	if other, found := s.holder[g.ExternalReferenceID]; found {
		return externalIDUsed(g.ExternalReferenceID, other)
	}
	s.put(g)
	return ok(map[string]int32{"id": g.ID})
}

// changed returns the group with the change applied.
func (s *store) changed(g Group, c change) Group {
	if c.name != nil {
		g.Name = *c.name
	}
	if c.externalID != nil && !s.options.DropExternalID {
		g.ExternalReferenceID = *c.externalID
	}
	return g
}

// refuses reports whether changes of the group are silently ignored.
func (s *store) refuses(id int32) bool {
	o := s.options
	return o.ZeroUpdate == ZeroRefused && (o.Refused == nil || slices.Contains(o.Refused, id))
}
