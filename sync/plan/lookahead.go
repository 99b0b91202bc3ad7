package plan

import "groupsync/sync/groupfile"

// Lookahead says up to which row the external id of each group may be cleared for rows of other groups. It has an
// entry for each group of the store with a row that sets or clears its external id.
//
// A group may temporarily be without an external id only if a later row of the group sets or clears its external id.
// Whether that row succeeds depends on other rows, which in turn depend on ids that are cleared. So trials apply the
// file to a copy of the store. The first trial clears every id whose group has a later row that sets or clears it. If
// such a later row fails, the next trial does not clear the ids that relied on it. In the last trial, none fails.
type Lookahead map[int32]groupLines

// groupLines are the lines of the file that matter for the external id of one group; 0: none.
type groupLines struct {
	clearBefore int // the id may be cleared for rows before this line
	lastSet     int // the last row that set the id in the last trial
}

// trial is the result of one trial, besides lastSet.
type trial struct {
	cleared map[int32]int   // the last row for which the id of a group was cleared
	from    map[int32]int32 // the group that held the id that a group's last row set, unless that id was free
}

// maxTrials bounds the number of trials. If no group has several rows, two are enough.
const maxTrials = 20

// LookAhead reads the valid rows of a file several times, by calling each. It ignores rows of groups that the store
// does not have. The base may be nil. At most window rows of a run are unsettled at once.
func LookAhead(store *Store, base *Base, window int, each func(func(groupfile.Row)) error) (Lookahead, error) {
	l := Lookahead{}
	err := each(func(row groupfile.Row) {
		if !row.Update.ExternalReferenceID.IsZero() && store.Lookup(row).exists {
			l[row.ID] = groupLines{clearBefore: row.Line}
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
	return Lookahead{}, nil // no id is cleared for a row of another group, which is correct for every file
}

// mayClear reports whether the external id of a group may be cleared for a row of another group at the line.
func (l Lookahead) mayClear(group int32, line int) bool { return line < l[group].clearBefore }

// try applies the rows to a copy of the store and of the base.
func (l Lookahead) try(store *Store, base *Base, window int, each func(func(groupfile.Row)) error) (trial, error) {
	t := trial{cleared: map[int32]int{}, from: map[int32]int32{}}
	s := NewSimulation(store.Clone(), base.Clone(), l, window)
	n := 0
	err := each(func(row groupfile.Row) {
		n++
		_, state, change := s.Next(row, n)
		lines, ok := l[row.ID]
		if !ok || change.Update.ExternalReferenceID.IsZero() {
			return
		}
		var from int32
		switch change.Action {
		case ClearAndPut:
			t.cleared[state.holder] = row.Line
			from = state.holder
		case Put:
			from = store.Lookup(row).holder
		case Unchanged:
		default:
			return
		}
		lines.lastSet = row.Line
		l[row.ID] = lines
		if from != 0 {
			t.from[row.ID] = from
		} else {
			delete(t.from, row.ID)
		}
	})
	return t, err
}

// restrict forbids clearing each id that no later row of its group replaced in the trial, and each id whose
// replacement relied on that. If there was any, it prepares the next trial and returns true.
func (l Lookahead) restrict(t trial) bool {
	var lost []int32
	for id, line := range t.cleared {
		if line > l[id].lastSet {
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
			l[id] = groupLines{clearBefore: line}
		}
	}
	for id, lines := range l {
		l[id] = groupLines{clearBefore: lines.clearBefore}
	}
	return true
}
