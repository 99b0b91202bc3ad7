package sync

import (
	"slices"

	"groupsync/sync/journal"
)

// deferral is what a row has to do with the external id that it wants.
type deferral struct {
	wants    string  // "": none
	conflict error   // its last 409; nil before the first
	seen     int     // [waiting.releases] when its last PUT was begun
	freed    bool    // the id was released since, or while, its last PUT was sent
	rounds   int     // how often it was retried although nobody knows whether the id was released
	look     bool    // its next request is a GET, which tells the id that its group holds
	looked   bool    // that was sent
	holds    *string // what it told
	left     int     // the number of deferred rows when it is retried, itself included; 0: it is not
	lost     bool    // its last conflict is its outcome
	winner   *owner  // the earlier row that has the id
}

// waiting is the part of the queue that knows the deferred rows: those whose external id another group holds.
//
// They have their turn when every other row of the window is settled, or waits for one of them, and the
// reader can bring no further row before one of them is settled. They are then retried one at a time, and
// only when the id may have been released since. Which id a row of this run releases is known only if an
// earlier response told what its group held. So each turn proceeds in rounds, for as long as rows can be
// helped:
//
//   - A row whose id was released, as far as is known, goes at once.
//   - Then each goes once, the newest first: in a chain of ids, each that succeeds helps the one before it.
//   - If some succeeded, and some did not, one GET for each that is left tells what their groups hold. From
//     then on, a row waits until its id is released.
//   - If the token may not read groups, the rows are tried a few times in changing order.
//
// What remains fails. In chains and permutations of ids, in any order, a row so costs at most five requests.
type waiting struct {
	deferred []*task        // oldest first
	wanted   map[string]int // the number of deferred rows by the id that they want
	releases int            // how many rows may have released an id that is not known
	due      int            // the seq of the newest row whose turn it is
	mayNot   bool           // the token may not read groups
	owners   owners
}

// maxRounds bounds how often a row is retried without knowing that its external id was released.
const maxRounds = 3

func newWaiting() waiting {
	return waiting{wanted: map[string]int{}, owners: newOwners()}
}

// deferRow takes a row back whose external id is taken.
func (q *queue) deferRow(t *task, conflict error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t.conflict = conflict
	q.active--
	q.addDeferred(t)
	q.turn()
}

// looked takes a row back after its GET. If that failed, what the group holds stays unknown.
func (q *queue) looked(t *task, mayRead bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t.look = false
	q.mayNot = q.mayNot || !mayRead
	if t.holds != nil {
		q.owners.set(owner{group: t.ID, id: *t.holds})
	}
	q.active--
	q.addDeferred(t)
	q.turn()
}

// addDeferred defers a row. It keeps its group, but not the group that it waited for: the rows of that one may
// be what it waits for.
func (q *queue) addDeferred(t *task) {
	i, _ := slices.BinarySearchFunc(q.deferred, t.seq, func(d *task, seq int) int { return d.seq - seq })
	q.deferred = slices.Insert(q.deferred, i, t)
	q.wanted[t.wants]++
	if t.ahead.Exists {
		t.ahead.Exists = false
		leave(q, q.groups, t.ahead.Group)
	}
	leave(q, q.ids, t.wants) // the next one is deferred as well, behind t
}

// takeDeferred takes a row out of the deferred ones, for a worker. No other row that wants its id may go meanwhile.
func (q *queue) takeDeferred(t *task) {
	i := slices.Index(q.deferred, t)
	q.deferred = slices.Delete(q.deferred, i, i+1)
	if q.wanted[t.wants]--; q.wanted[t.wants] == 0 {
		delete(q.wanted, t.wants)
	}
	if !t.lost {
		q.ids[t.wants] = slices.Insert(q.ids[t.wants], 0, t)
	}
}

// helpDeferred hands out deferred rows if it is their turn: the next one to retry, or all when none can be
// helped. It reports whether it did.
func (q *queue) helpDeferred() bool {
	if len(q.deferred) == 0 {
		return false
	}
	if oldest := q.deferred[0].seq; oldest > q.due {
		if !q.ended && q.last-oldest < window {
			return false
		}
		q.due = q.last
	}
	t := q.nextDeferred()
	switch {
	case t == nil && q.ended && !q.complete:
		return false // rows that were not read might release the ids: these stay unsettled
	case t == nil:
		q.lose()
	case t.look:
		q.takeDeferred(t)
		q.hand(t)
	default:
		if !t.freed && t.conflict != nil {
			t.rounds++
		}
		t.left = len(q.deferred)
		q.takeDeferred(t)
		q.send(t)
	}
	return true
}

// lose hands out the rows whose turn it is to be settled with their last conflict.
func (q *queue) lose() {
	for len(q.deferred) > 0 && q.deferred[0].seq <= q.due && !q.isFull() {
		t := q.deferred[0]
		t.lost = true
		if o := q.owners.of(t.wants); o != nil && o.group != t.ID && o.line > 0 && o.line < t.Line {
			t.winner = o
		}
		q.takeDeferred(t)
		q.hand(t)
	}
}

// nextDeferred returns the row whose request is next, or nil if none can be helped.
func (q *queue) nextDeferred() *task {
	var next *task
	for _, t := range q.deferred {
		switch {
		case t.seq > q.due:
		case t.freed:
			return t
		case !q.mayBeFree(t):
		case next == nil, t.rounds < next.rounds, t.rounds == next.rounds && t.rounds%2 == 0:
			next = t
		}
	}
	if next == nil {
		return nil
	}
	if next.rounds > 0 && !q.mayNot {
		for _, t := range q.deferred {
			if !t.looked && q.owners.group(t.ID) == nil {
				t.look, t.looked = true, true
				return t
			}
		}
	}
	for _, t := range q.deferred { // the oldest of those that want the id
		if t.wants == next.wants && q.mayBeFree(t) {
			return t
		}
	}
	return next
}

// mayBeFree reports whether the external id of a deferred row may have been released since its last PUT.
func (q *queue) mayBeFree(t *task) bool {
	if t.conflict == nil {
		return true // it has sent none
	}
	holder := q.owners.of(t.wants)
	return t.seen < q.releases && t.rounds < maxRounds && (holder == nil || holder.group == t.ID)
}

// learn takes from a row's outcome which external ids it took and released.
func (q *queue) learn(t *task, o Outcome) {
	if t.Update.ExternalReferenceID.IsZero() || o.Attempts == 0 || t.lost {
		return
	}
	switch {
	case o.Status == journal.Updated, o.Status == journal.Unchanged:
		before := q.owners.set(owner{t.ID, t.wants, t.Line})
		if before == nil {
			q.releases++
		} else if before.id != t.wants {
			q.free(before.id)
		}
		return
	case o.HTTPStatus == 0, o.HTTPStatus == 408, o.HTTPStatus >= 500: // it may have been applied
		q.owners.forget(t.ID)
		q.releases++
	}
	q.wake(t.wants)
}

// free says that an external id was released: the rows that ask for it may have asked too early.
func (q *queue) free(id string) {
	if line := q.ids[id]; len(line) > 0 {
		line[0].freed = true
	}
	q.wake(id)
}

// wake has the oldest deferred row that wants the id retried.
func (q *queue) wake(id string) {
	if q.wanted[id] > 0 {
		i := slices.IndexFunc(q.deferred, func(t *task) bool { return t.wants == id })
		q.deferred[i].freed = true
	}
}
