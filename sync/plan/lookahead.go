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
	set   int // the last row of the group that set its id in the last trial
}

// trial is what one trial shows besides the lines in prospect.
type trial struct {
	cleared map[int32]int   // the last row for which the id of a group was cleared
	from    map[int32]int32 // the group that held the id that a group's last row set, unless that id was free
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
		t, err := l.try(store, base, window, each)
		if err != nil {
			return nil, err
		}
		if !l.restrict(t) {
			return l, nil
		}
	}
	return Lookahead{}, nil // no id is cleared ahead, which is correct for every file
}

// mayClear reports whether the external id of a group may be cleared for a row of another group at the line.
func (l Lookahead) mayClear(group int32, line int) bool { return line < l[group].until }

// try applies the rows to a copy of the store and of the base.
func (l Lookahead) try(store *Store, base *Base, window int, each func(func(groupfile.Row)) error) (trial, error) {
	t := trial{cleared: map[int32]int{}, from: map[int32]int32{}}
	s := NewSimulation(store.Clone(), base.Clone(), l, window)
	n := 0
	err := each(func(row groupfile.Row) {
		n++
		_, now, change := s.Next(row, n)
		p, ok := l[row.ID]
		if !ok || change.Update.ExternalReferenceID.IsZero() {
			return
		}
		var from int32
		switch change.Action {
		case ClearAndPut:
			t.cleared[now.holder] = row.Line
			from = now.holder
		case Put:
			from = store.Lookup(row).holder
		case Unchanged:
		default:
			return
		}
		p.set = row.Line
		l[row.ID] = p
		if from != 0 {
			t.from[row.ID] = from
		} else {
			delete(t.from, row.ID)
		}
	})
	return t, err
}

// restrict forbids the clearing of each id that no later row of its group replaced in the trial, and of each id whose
// replacement relied on that. It reports whether there was any, and then prepares the next trial.
func (l Lookahead) restrict(t trial) bool {
	var lost []int32
	for id, line := range t.cleared {
		if line > l[id].set {
			lost = append(lost, id)
		}
	}
	if len(lost) == 0 {
		return false
	}
	takers := map[int32][]int32{}
	for id, holder := range t.from {
		takers[holder] = append(takers[holder], id)
	}
	for len(lost) > 0 {
		id := lost[len(lost)-1]
		lost = append(lost[:len(lost)-1], takers[id]...)
		delete(takers, id)
		if line, ok := t.cleared[id]; ok {
			l[id] = prospect{until: line}
		}
	}
	for id, p := range l {
		l[id] = prospect{until: p.until}
	}
	return true
}
