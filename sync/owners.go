package sync

// owners records which group holds which external id, as far as the responses of this run show. It keeps only the
// newest entries, so that memory does not grow with the input.
type owners struct {
	byGroup map[int32]*owner
	byID    map[string]*owner
	recent  []*owner // oldest first
}

// owner is a group and the external id that it holds.
type owner struct {
	group int32
	id    string // "": none
	line  int    // of the row that gave the id to the group; 0: no row of this run did
}

// maxOwners is how many entries are kept: two for each row of a window.
const maxOwners = 2 * window

func newOwners() owners {
	return owners{byGroup: map[int32]*owner{}, byID: map[string]*owner{}}
}

// of returns the group that holds the id, or nil if that is not known.
func (o *owners) of(id string) *owner { return o.byID[id] }

// group returns what the group holds, or nil if that is not known.
func (o *owners) group(id int32) *owner { return o.byGroup[id] }

// set records what a group holds. It returns what the group was known to hold before, or nil.
func (o *owners) set(entry owner) (before *owner) {
	before = o.forget(entry.group)
	if other := o.byID[entry.id]; other != nil {
		o.forget(other.group)
	}
	o.byGroup[entry.group] = &entry
	if entry.id != "" {
		o.byID[entry.id] = &entry
	}
	o.recent = append(o.recent, &entry)
	if len(o.recent) > maxOwners {
		if oldest := o.recent[0]; o.byGroup[oldest.group] == oldest {
			o.forget(oldest.group)
		}
		o.recent = o.recent[1:]
	}
	return before
}

// forget records that what the group holds is not known. It returns what it was known to hold before, or nil.
func (o *owners) forget(group int32) (before *owner) {
	before = o.byGroup[group]
	if before == nil {
		return nil
	}
	delete(o.byGroup, group)
	if o.byID[before.id] == before {
		delete(o.byID, before.id)
	}
	return before
}
