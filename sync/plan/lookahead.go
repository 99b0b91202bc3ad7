package plan

import "groupsync/sync/groupfile"

// Lookahead tells up to which row the external id of each group may be cleared for rows of other groups. It has an
// entry for each group of the store that has rows in the file.
//
// A group may be without an external id for a time only if a later row of it sets another one, or clears it.
// Whether that row succeeds depends on other rows, and these on ids that are cleared. So the file is applied to a
// copy of the store in trials: the first one clears every id that a later row of its group sets. If such a row
// fails, the next trial does not clear what relied on it, until a trial has no such row.
type Lookahead map[int32]prospect

// prospect describes the external id of one group. Its numbers are lines of the file; 0: none.
type prospect struct {
	until int // the id may be cleared for rows before this one

	// These are of the last trial.
	cleared int   // the last row for which the id was cleared
	set     int   // the last row of the group that set its id
	from    int32 // the group that held the id that the row set; 0: none
}

// maxTrials bounds the number of trials. Where no group has two rows, two are enough.
const maxTrials = 20

// LookAhead reads the valid rows of a file by calling each, once per trial. It ignores rows of groups that the store
// does not have. The base may be nil. At most window rows of a run are unsettled at once.
func LookAhead(store *Store, base *Base, window int, each func(func(groupfile.Row)) error) (Lookahead, error) {
	l := Lookahead{}
	err := each(func(row groupfile.Row) {
		if !row.Update.ExternalReferenceID.IsZero() && store.Lookup(row).exists {
			l[row.ID] = prospect{until: row.Line}
		}
	})
	if err != nil {
		return nil, err
	}
	for range maxTrials {
		if err := l.try(store, base, window, each); err != nil {
			return nil, err
		}
		if !l.restrict() {
			return l, nil
		}
	}
	return Lookahead{}, nil // no id is cleared ahead, which is correct for every file
}

// mayClear reports whether the external id of a group may be cleared for a row of another group at the line.
func (l Lookahead) mayClear(group int32, line int) bool { return line < l[group].until }

// try applies the rows to a copy of the store and of the base.
func (l Lookahead) try(store *Store, base *Base, window int, each func(func(groupfile.Row)) error) error {
	s := NewSimulation(store.Clone(), base.Clone(), l, window)
	n := 0
	return each(func(row groupfile.Row) {
		n++
		_, now, change := s.Next(row, n)
		p, ok := l[row.ID]
		if !ok || change.Update.ExternalReferenceID.IsZero() {
			return
		}
		switch change.Action {
		case ClearAndPut:
			holder := l[now.holder]
			holder.cleared = row.Line
			l[now.holder] = holder
			p.set, p.from = row.Line, now.holder
		case Put:
			p.set, p.from = row.Line, store.Lookup(row).holder
		case Unchanged:
			p.set, p.from = row.Line, 0
		}
		l[row.ID] = p
	})
}

// restrict forbids the clearing of each id that no later row of its group replaced in the trial, and of each id whose
// replacement relied on that. It reports whether there was any, and then prepares the next trial.
func (l Lookahead) restrict() bool {
	var lost []int32
	takers := map[int32][]int32{}
	for id, p := range l {
		if p.cleared > p.set {
			lost = append(lost, id)
		}
		if p.from != 0 {
			takers[p.from] = append(takers[p.from], id)
		}
	}
	if len(lost) == 0 {
		return false
	}
	for len(lost) > 0 {
		id := lost[len(lost)-1]
		lost = append(lost[:len(lost)-1], takers[id]...)
		delete(takers, id)
		if p := l[id]; p.cleared > 0 {
			p.until = p.cleared
			l[id] = p
		}
	}
	for id, p := range l {
		l[id] = prospect{until: p.until}
	}
	return true
}
