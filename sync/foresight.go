package sync

// foresight follows, row by row in the order of the file, what the store will hold if every PUT so far is
// accepted. From that a row knows whose rows it has to wait for to get its external id.
//
//	9367001  a → b      b is held by 9367002, which gives it up further on: it is cleared there first
//	9367002  b → c      c is free
//	9367003  – → a      waits for the first row
//
// So the rows are applied in the order of the file, and yet swaps, chains and cycles of external ids end
// without a conflict.
type foresight struct {
	store *holdings
	// later is what the whole file does to each group's external id; nil if it was not read ahead.
	later lookahead
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

func newForesight(store *holdings, later lookahead, window int) *foresight {
	return &foresight{store: store, later: later, given: map[string]giver{}, window: window}
}

// foreseen is what the file says of the external id that a row wants.
type foreseen struct {
	// joined: the rows of another group that stand before this one have to be settled first.
	joined bool
	group  int32
	// givesUp: the group holds the id, and a later row of it that succeeds releases it.
	givesUp bool
	// last: no later row of the row's own group sets its external id.
	last bool
	// certain: the file was read ahead, so that a group that does not give the id up keeps it.
	certain bool
}

// foresee takes the next row that can be sent, the seq-th of the run, and says what it will come to.
func (f *foresight) foresee(row Row, seq int) (foreseen, held, change) {
	for len(f.recent) > 0 && f.recent[0].seq < seq-f.window-2 { // settled by now
		if old := f.recent[0]; f.given[old.id] == old {
			delete(f.given, old.id)
		}
		f.recent = f.recent[1:]
	}
	now := f.store.look(row)
	ahead := foreseen{certain: f.later != nil, last: row.Line >= f.later[row.ID].set}
	wanted := row.Update.ExternalReferenceID.Value()
	if before, ok := f.given[wanted]; now.taken {
		ahead.joined, ahead.group = true, now.holder
		ahead.givesUp = f.later.mayClear(now.holder, row.Line)
	} else if ok && before.group != row.ID {
		ahead.joined, ahead.group = true, before.group
	}
	c := diff(row, now, ahead)
	switch c {
	case putAfterClearing:
		f.store.apply(now.holder, clearing)
		fallthrough
	case put:
		old := f.store.group(row.ID).ExternalReferenceID
		f.store.apply(row.ID, row.Update)
		if old != "" && old != f.store.group(row.ID).ExternalReferenceID {
			g := giver{old, row.ID, seq}
			f.given[old] = g
			f.recent = append(f.recent, g)
		}
	}
	return ahead, now, c
}
