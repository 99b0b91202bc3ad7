package sync

import (
	"strings"

	"groupsync/ecwid"
)

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
	// later is what the whole file has in store for each group's external id; nil if it was not read ahead.
	later map[int32]later
	// given are the external ids that rows gave up a little while ago: rows that may be under way still.
	given  map[string]giver
	recent []giver // oldest first
}

// giver is a row that gives an external id up.
type giver struct {
	id    string
	group int32
	seq   int
}

func newForesight(store *holdings, later map[int32]later) *foresight {
	return &foresight{store: store, later: later, given: map[string]giver{}}
}

// foreseen is what the file says of the external id that a row wants.
type foreseen struct {
	// joined: the rows of another group that stand before this one have to be settled first.
	joined bool
	group  int32
	// givesUp: the group holds the id and gives it up further on.
	givesUp bool
	// certain: the file was read ahead, so that a group that does not give the id up keeps it.
	certain bool
}

// foresee takes the next row that can be sent, the seq-th of the run, and says what it will come to.
func (f *foresight) foresee(row Row, seq int) (foreseen, held, change) {
	for len(f.recent) > 0 && f.recent[0].seq < seq-window-2 { // settled by now
		if old := f.recent[0]; f.given[old.id] == old {
			delete(f.given, old.id)
		}
		f.recent = f.recent[1:]
	}
	now := f.store.look(row)
	ahead := foreseen{certain: f.later != nil}
	wanted := row.Update.ExternalReferenceID.Value()
	if before, ok := f.given[wanted]; now.taken {
		ahead.joined, ahead.group = true, now.holder
		ahead.givesUp = f.givesUp(now.holder, wanted, row)
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

// clearing is the PUT that makes a group's external id free.
var clearing = ecwid.CustomerGroupUpdate{ExternalReferenceID: ecwid.Null()}

// givesUp reports whether a row behind this one makes the holder give an external id up. What that row
// wants instead must be to be had as well, else the holder would end with none.
func (f *foresight) givesUp(holder int32, id string, row Row) bool {
	asked := map[int32]bool{row.ID: true}
	for !asked[holder] {
		asked[holder] = true
		next, ok := f.later[holder].behind(row.Line, id)
		if !ok {
			return false
		}
		id = next
		now := f.store.look(Row{ID: holder, Update: ecwid.CustomerGroupUpdate{ExternalReferenceID: ecwid.String(id)}})
		if !now.taken {
			return true
		}
		holder = now.holder
	}
	return true // a cycle: all of its groups give up what the one before them wants
}

// later is what the rows of one group do to its external id: the last of them, and the last that sets
// another value than that.
type later struct {
	last, other     int // lines; 0: there is none
	value, otherwas string
}

// behind gives the value that a row behind line sets in place of id.
func (l later) behind(line int, id string) (string, bool) {
	switch {
	case l.last > line && l.value != id:
		return l.value, true
	case l.other > line && l.otherwas != id:
		return l.otherwas, true
	}
	return "", false
}

// lookAhead reads the input to its end. Rows of groups that the store does not have are not remembered.
func lookAhead(in *Reader, store *holdings) (map[int32]later, error) {
	all := map[int32]later{}
	for row, err := range in.All() {
		if err != nil {
			return nil, err
		}
		if row.Err != nil || row.Update.ExternalReferenceID.IsZero() || !store.look(row).exists {
			continue
		}
		l, value := all[row.ID], row.Update.ExternalReferenceID.Value()
		if l.last > 0 && l.value != value {
			l.other, l.otherwas = l.last, l.value
		}
		if l.last == 0 || l.value != value {
			l.value = strings.Clone(value)
		}
		l.last = row.Line
		all[row.ID] = l
	}
	return all, nil
}
