package plan

import (
	"groupsync/ecwid"
	"groupsync/sync/groupfile"
)

// lookahead says of each group how far its external id may be cleared for rows of other groups. It has an
// entry for each group of the store that has rows in the file.
//
// A group may be without its external id for a while only if a later row gives it another, or clears it as
// well. Whether that row succeeds depends on other rows, and these on clearing again. So the file is applied
// to a copy of the store on trial: first with every group cleared as long as it has a later row, then, if
// such a row failed, again without the clearings that relied on it, until none did.
type Lookahead map[int32]prospect

// prospect is what is known of one group's external id. Its numbers are lines of the file; 0: none.
type prospect struct {
	until int // the id may be cleared for rows before this one

	// These are of the last trial.
	cleared int   // the last row for which the id was cleared
	set     int   // the last row of the group that set its id
	from    int32 // the group that held the id that the row set; 0: none
}

// maxTrials bounds how often a file is applied on trial. Where no group has two rows, two are enough.
const maxTrials = 20

// lookAhead reads the rows of a file through each, as often as it has to. Rows of groups that the store does
// not have are not remembered. window is how many rows of a run may be unsettled at once.
func LookAhead(store *Store, window int, each func(func(groupfile.Row)) error) (Lookahead, error) {
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
		if err := l.try(store, window, each); err != nil {
			return nil, err
		}
		if !l.restrict() {
			return l, nil
		}
	}
	return Lookahead{}, nil // nothing is cleared ahead, which is right for every file
}

// mayClear reports whether the group's external id may be cleared for a row at line of another group.
func (l Lookahead) mayClear(group int32, line int) bool { return line < l[group].until }

// try applies the rows to a copy of the store.
func (l Lookahead) try(store *Store, window int, each func(func(groupfile.Row)) error) error {
	f := NewForecast(store.Clone(), l, window)
	n := 0
	return each(func(row groupfile.Row) {
		n++
		_, now, change := f.Next(row, n)
		p, ok := l[row.ID]
		if !ok || row.Update.ExternalReferenceID.IsZero() {
			return
		}
		switch change {
		case ClearAndPut:
			holder := l[now.holder]
			holder.cleared = row.Line
			l[now.holder] = holder
			p.set, p.from = row.Line, now.holder
		case Put:
			p.set, p.from = row.Line, store.Lookup(row).holder
		case Same:
			p.set, p.from = row.Line, 0
		}
		l[row.ID] = p
	})
}

// restrict forbids the clearings of a trial that no later row of their group made good, and those that
// relied on these. It reports whether there were any, and makes ready for the next trial.
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

// clearing is the PUT that makes a group's external id free.
var ClearID = ecwid.CustomerGroupUpdate{ExternalReferenceID: ecwid.Null()}
