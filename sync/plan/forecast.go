package plan

import "groupsync/sync/groupfile"

// foresight follows, row by row in the order of the file, what the store will hold if every PUT so far is
// accepted. From that a row knows whose rows it has to wait for to get its external id.
//
//	9367001  a → b      b is held by 9367002, which gives it up further on: it is cleared there first
//	9367002  b → c      c is free
//	9367003  – → a      waits for the first row
//
// So the rows are applied in the order of the file, and yet swaps, chains and cycles of external ids end
// without a conflict.
type Forecast struct {
	store *Store
	// later is what the whole file does to each group's external id; nil if it was not read ahead.
	Later Lookahead
	// given are the external ids that rows gave up a little while ago: rows that may be under way still.
	given  map[string]giver
	recent []giver // oldest first
	// window is how many rows of the run may be unsettled at once.
	window int
}

// giver is a row that gives an external id up.
type giver struct {
	id    string
	group int32
	seq   int
}

func NewForecast(store *Store, later Lookahead, window int) *Forecast {
	return &Forecast{store: store, Later: later, given: map[string]giver{}, window: window}
}

// foreseen is what the file says of the external id that a row wants.
type Claim struct {
	// joined: the rows of another group that stand before this one have to be settled first.
	Joined bool
	Group  int32
	// givesUp: the group holds the id, and a later row of it that succeeds releases it.
	givesUp bool
	// last: no later row of the row's own group sets its external id.
	Last bool
	// certain: the file was read ahead, so that a group that does not give the id up keeps it.
	certain bool
}

// foresee takes the next row that can be sent, the seq-th of the run, and says what it will come to.
func (f *Forecast) Next(row groupfile.Row, seq int) (Claim, State, Action) {
	for len(f.recent) > 0 && f.recent[0].seq < seq-f.window-2 { // settled by now
		if old := f.recent[0]; f.given[old.id] == old {
			delete(f.given, old.id)
		}
		f.recent = f.recent[1:]
	}
	now := f.store.Lookup(row)
	ahead := Claim{certain: f.Later != nil, Last: row.Line >= f.Later[row.ID].set}
	wanted := row.Update.ExternalReferenceID.Value()
	if before, ok := f.given[wanted]; now.taken {
		ahead.Joined, ahead.Group = true, now.holder
		ahead.givesUp = f.Later.mayClear(now.holder, row.Line)
	} else if ok && before.group != row.ID {
		ahead.Joined, ahead.Group = true, before.group
	}
	c := Diff(row, now, ahead)
	switch c {
	case ClearAndPut:
		f.store.Apply(now.holder, ClearID)
		fallthrough
	case Put:
		old := f.store.group(row.ID).ExternalReferenceID
		f.store.Apply(row.ID, row.Update)
		if old != "" && old != f.store.group(row.ID).ExternalReferenceID {
			g := giver{old, row.ID, seq}
			f.given[old] = g
			f.recent = append(f.recent, g)
		}
	}
	return ahead, now, c
}
