package plan

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
)

// holdings is what the groups of the store hold, as far as that is known: listed once, and from then on
// followed request by request. It has one entry for each group of the store.
type Store struct {
	mu      sync.Mutex
	groups  map[int32]*ecwid.CustomerGroup // nil: the store has the group, and what it holds is not known any more
	holders map[string]int32               // external id → the group that holds it
	names   map[int32]string               // known for longer: an update without a name leaves it as it is
}

func NewStore(groups []ecwid.CustomerGroup) *Store {
	h := &Store{groups: make(map[int32]*ecwid.CustomerGroup, len(groups)), holders: map[string]int32{}, names: map[int32]string{}}
	for _, g := range groups {
		h.Set(g)
	}
	return h
}

// clone is the holdings as they are now, to be followed apart.
func (h *Store) Clone() *Store {
	h.mu.Lock()
	defer h.mu.Unlock()
	return &Store{groups: maps.Clone(h.groups), holders: maps.Clone(h.holders), names: maps.Clone(h.names)}
}

// held is what the store holds that matters for one row.
type State struct {
	// exists: the store has the row's group. group is what that holds, nil if this is not known.
	exists bool
	group  *ecwid.CustomerGroup
	// taken: another group, the holder, has the external id that the row wants.
	taken  bool
	holder int32
}

func (h *Store) Lookup(row groupfile.Row) State {
	h.mu.Lock()
	defer h.mu.Unlock()
	var now State
	now.group, now.exists = h.groups[row.ID]
	if wanted := row.Update.ExternalReferenceID.Value(); wanted != "" {
		now.holder, now.taken = h.holders[wanted]
		now.taken = now.taken && now.holder != row.ID
	}
	return now
}

// holds reports whether the row's group is known to hold what the row asks for although it can't be sent. A CSV file keeps no carriage return
// before a line feed.
func (h *Store) holds(row groupfile.Row) bool {
	h.mu.Lock()
	g := h.groups[row.Unsendable.ID]
	h.mu.Unlock()
	if g == nil || row.Unsendable.ID == 0 {
		return false
	}
	read := *g
	read.Name = strings.ReplaceAll(g.Name, "\r\n", "\n")
	read.ExternalReferenceID = strings.ReplaceAll(g.ExternalReferenceID, "\r\n", "\n")
	return !row.Unsendable.Update.Changes(*g) || !row.Unsendable.Update.Changes(read)
}

// group is what the group is known to hold: its id at least.
func (h *Store) group(id int32) ecwid.CustomerGroup {
	h.mu.Lock()
	defer h.mu.Unlock()
	if g := h.groups[id]; g != nil {
		return *g
	}
	return ecwid.CustomerGroup{ID: id}
}

// set says what a group holds.
func (h *Store) Set(g ecwid.CustomerGroup) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.release(g.ID)
	h.groups[g.ID] = &g
	h.names[g.ID] = g.Name
	if g.ExternalReferenceID != "" {
		h.holders[g.ExternalReferenceID] = g.ID
	}
}

// apply says that the store has taken an update.
func (h *Store) Apply(id int32, u ecwid.CustomerGroupUpdate) {
	h.mu.Lock()
	g := h.groups[id]
	h.mu.Unlock()
	if g == nil {
		h.forget(id)
		return
	}
	h.Set(u.Applied(*g))
}

// forget says that what the group holds is not known any more.
func (h *Store) forget(id int32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.release(id)
	h.groups[id] = nil
}

// uncertain says that whether the store has taken an update is not known.
func (h *Store) Uncertain(id int32, u ecwid.CustomerGroupUpdate) {
	h.forget(id)
	if !u.Name.IsZero() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.names, id)
	}
}

// named returns the update with the name that the group has, unless it sets one: whether Ecwid requires the
// name is not documented.
func (h *Store) Named(id int32, u ecwid.CustomerGroupUpdate) ecwid.CustomerGroupUpdate {
	h.mu.Lock()
	defer h.mu.Unlock()
	return WithName(u, h.names[id])
}

func WithName(u ecwid.CustomerGroupUpdate, name string) ecwid.CustomerGroupUpdate {
	if u.Name.IsZero() && !groupfile.IsBlank(name) {
		u.Name = ecwid.String(name)
	}
	return u
}

// release makes the external id of a group free. It wants mu.
func (h *Store) release(id int32) {
	if g := h.groups[id]; g != nil && h.holders[g.ExternalReferenceID] == id {
		delete(h.holders, g.ExternalReferenceID)
	}
}

// count is the number of groups, without the default one.
func (h *Store) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := len(h.groups)
	if _, ok := h.groups[0]; ok {
		n--
	}
	return n
}

// all are the groups that are known, by id.
func (h *Store) all() []ecwid.CustomerGroup {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []ecwid.CustomerGroup
	for _, id := range slices.Sorted(maps.Keys(h.groups)) {
		if g := h.groups[id]; g != nil {
			all = append(all, *g)
		}
	}
	return all
}
