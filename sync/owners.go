package sync

// owners records which group holds which external id, as far as the responses of this run show. It keeps only the
// newest entries, so that memory does not grow with the input.
//
// Only deferred rows need this, and most runs have none: the entries are indexed when the first row is deferred.
type owners struct {
	entries []owner // when there are maxOwners, each new entry replaces the oldest one
	oldest  int     // the index in entries of the oldest one
	added   int     // the number of entries so far

	byGroup map[int32]owner  // nil: there is no index
	byID    map[string]int32 // the group that holds the id
}

// owner is an entry of owners: a group and the external id that it holds, if that is known.
type owner struct {
	group   int32
	id      string // "": none
	unknown bool   // it is not known which id the group holds
	line    int    // of the row that gave the id to the group; 0: no row of this run did
	number  int    // of the entry, from 1
}

// maxOwners is how many entries are kept: two for each row of a window.
const maxOwners = 2 * window

// isIndexed reports whether there is an index.
func (o *owners) isIndexed() bool { return o.byGroup != nil }

// add adds an entry, and returns it with its number. If there is an index, the caller must call set.
func (o *owners) add(entry owner) owner {
	o.added++
	entry.number = o.added
	if entry.unknown && o.isIndexed() { // set removes its group from the index, so there is nothing to keep
		return entry
	}
	if len(o.entries) < maxOwners {
		o.entries = append(o.entries, entry)
		return entry
	}
	if last := o.entries[o.oldest]; o.byGroup[last.group].number == last.number {
		o.forget(last.group)
	}
	o.entries[o.oldest] = entry
	o.oldest = (o.oldest + 1) % maxOwners
	return entry
}

// index makes an empty index. It returns the entries, oldest first, for which the caller must call set.
func (o *owners) index() []owner {
	o.byGroup, o.byID = map[int32]owner{}, map[string]int32{}
	return append(o.entries[o.oldest:len(o.entries):len(o.entries)], o.entries[:o.oldest]...)
}

// set updates the index. It returns what the group was known to hold before.
func (o *owners) set(entry owner) (before owner, known bool) {
	before, known = o.forget(entry.group)
	if other, ok := o.of(entry.id); ok {
		o.forget(other.group)
	}
	if entry.unknown {
		return before, known
	}
	o.byGroup[entry.group] = entry
	if entry.id != "" {
		o.byID[entry.id] = entry.group
	}
	return before, known
}

// of returns the group that holds the id, if that is known.
func (o *owners) of(id string) (owner, bool) {
	group, ok := o.byID[id]
	return o.byGroup[group], ok
}

// group returns what the group holds, if that is known.
func (o *owners) group(id int32) (owner, bool) {
	entry, ok := o.byGroup[id]
	return entry, ok
}

// forget records that what the group holds is not known. It returns what it was known to hold before.
func (o *owners) forget(group int32) (before owner, known bool) {
	before, known = o.byGroup[group]
	if !known {
		return before, false
	}
	delete(o.byGroup, group)
	if holder, ok := o.byID[before.id]; ok && holder == group {
		delete(o.byID, before.id)
	}
	return before, true
}
