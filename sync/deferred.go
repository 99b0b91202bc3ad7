package sync

import (
	"context"
	"errors"
	"slices"

	"groupsync/ecwid"
	"groupsync/sync/journal"
)

// deferral is what the queue knows about a row and the external id that it wants.
type deferral struct {
	wants        string  // the external id; "": none
	conflict     error   // its last 409; nil before the first
	sentAfter    int     // the number of the last entry of owners when its last PUT was sent
	rounds       int     // how many times it was retried without knowing whether the id was released
	holds        *string // the id that the GET of its group returned; nil: unknown
	remaining    int     // the number of deferred rows when it is retried, this one included; 0: this is not a retry
	winner       *owner  // the earlier row that got the id
	released     bool    // the id was released after its last PUT was sent
	inspect      bool    // its next request is a GET, to learn which id its group holds
	hasInspected bool    // that GET was sent
	givenUp      bool    // its last conflict is its outcome
}

// deferredRows is the part of the queue that holds the rows whose external id belongs to another group.
//
// They are retried when every other row of the window is settled, or waits for one of them, and the source can read
// no further row until one of them is settled. They are then sent one at a time, and only if the id may have been
// released since. Whether a row of this run released an id is known only if an earlier response showed which id its
// group held. So the retries proceed in rounds, for as long as these settle rows:
//
//   - A row whose id is known to have been released is sent first.
//   - Then each row is sent once, the newest first: in a chain of ids, each row that succeeds releases the id of the
//     one before it.
//   - If some succeeded and some did not, one GET for each row that is left shows which id its group holds. From
//     then on, a row waits until its id is released.
//   - If the token lacks the scope to read groups, the rows are sent a few times, in alternating order.
//
// The rows that remain fail. In chains and permutations of ids, in any order, a row costs at most five requests.
type deferredRows struct {
	deferred    []*task        // oldest first
	wanted      map[string]int // the number of deferred rows by the id that they want
	lastRelease int            // the number of the last entry of owners that may have released an unknown id
	due         int            // rows up to this seq may be retried
	noReadScope bool           // the token lacks the scope to read groups
	owners      owners
}

// maxRounds is how many times a row is retried without knowing whether its external id was released.
const maxRounds = 3

// fail decides what happens to a row whose request has failed for good. A row that wants an external id is deferred if
// the store refuses the id because another group has it; any other row gets its outcome.
func (s *sender) fail(ctx context.Context, t *task, err error) error {
	switch {
	case errors.Is(err, ecwid.ErrExternalIDTaken) && t.wants != "":
		return s.deferRow(ctx, t, err)
	case t.inspect && !errors.Is(err, ecwid.ErrGroupNotFound):
		s.queue.inspected(t, true)
		return nil
	}
	return s.settle(ctx, t, t.failed(err))
}

// deferRow defers a row whose external id belongs to another group. If that id was cleared for the row, another
// group has taken it meanwhile, and deferRow first tries to put it back.
func (s *sender) deferRow(ctx context.Context, t *task, conflict error) error {
	if err := s.putBack(ctx, t); err != nil {
		return err
	}
	s.queue.deferActive(t, conflict)
	return nil
}

// deferActive defers an active row.
func (q *queue) deferActive(t *task, conflict error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t.conflict = conflict
	q.active--
	q.addDeferred(t)
	q.advance()
}

// inspected defers a row again after its GET. If that failed, it stays unknown which id the group holds.
func (q *queue) inspected(t *task, mayRead bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t.inspect = false
	q.noReadScope = q.noReadScope || !mayRead
	if t.holds != nil {
		q.owners.set(q.owners.add(owner{group: t.ID, id: *t.holds}))
	}
	q.active--
	q.addDeferred(t)
	q.advance()
}

// addDeferred adds a row to the deferred ones. Later rows of its group keep waiting, but not those of the group
// that holds its id: they may release it.
func (q *queue) addDeferred(t *task) {
	if !q.owners.isIndexed() {
		for _, entry := range q.owners.index() {
			q.change(entry)
		}
	}
	i, _ := slices.BinarySearchFunc(q.deferred, t.seq, func(d *task, seq int) int { return d.seq - seq })
	q.deferred = slices.Insert(q.deferred, i, t)
	q.wanted[t.wants]++
	if t.dependency.Exists {
		t.dependency.Exists = false
		leave(q, q.groups, t.dependency.Group)
	}
	leave(q, q.ids, t.wants) // the next one is deferred as well, after t
}

// takeDeferred removes a row from the deferred ones, so that a worker can take it. Meanwhile, other rows that want its
// id wait.
func (q *queue) takeDeferred(t *task) {
	i := slices.Index(q.deferred, t)
	q.deferred = slices.Delete(q.deferred, i, i+1)
	if q.wanted[t.wants]--; q.wanted[t.wants] == 0 {
		delete(q.wanted, t.wants)
	}
	if !t.givenUp {
		q.ids[t.wants] = slices.Insert(q.ids[t.wants], 0, t)
	}
}

// retryDeferred makes deferred rows ready if they are due: the next one to retry or, if no retry can succeed, all of them,
// to be settled. It reports whether it made any ready.
func (q *queue) retryDeferred() bool {
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
		return false // rows that were not read may release the ids: the deferred rows stay unsettled
	case t == nil:
		q.giveUpDeferred()
	case t.inspect:
		q.takeDeferred(t)
		q.dispatch(t)
	default:
		if !t.released && t.conflict != nil {
			t.rounds++
		}
		t.remaining = len(q.deferred)
		q.takeDeferred(t)
		q.dispatchPut(t)
	}
	return true
}

// giveUpDeferred makes the rows that are due ready to be settled with their last conflict.
func (q *queue) giveUpDeferred() {
	for len(q.deferred) > 0 && q.deferred[0].seq <= q.due && !q.isFull() {
		t := q.deferred[0]
		t.givenUp = true
		if o, ok := q.owners.of(t.wants); ok && o.group != t.ID && o.line > 0 && o.line < t.Line {
			t.winner = &o
		}
		q.takeDeferred(t)
		q.dispatch(t)
	}
}

// nextDeferred returns the row to send next, or nil if none of the ids can have been released.
func (q *queue) nextDeferred() *task {
	var next *task
	for _, t := range q.deferred {
		switch {
		case t.seq > q.due:
		case t.released:
			return t
		case !q.mayBeFree(t):
		case next == nil, t.rounds < next.rounds, t.rounds == next.rounds && t.rounds%2 == 0:
			next = t
		}
	}
	if next == nil {
		return nil
	}
	if next.rounds > 0 && !q.noReadScope {
		for _, t := range q.deferred {
			if _, known := q.owners.group(t.ID); !known && !t.hasInspected {
				t.inspect, t.hasInspected = true, true
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
		return true // no PUT was sent for it
	}
	holder, known := q.owners.of(t.wants)
	return t.sentAfter < q.lastRelease && t.rounds < maxRounds && (!known || holder.group == t.ID)
}

// learn records which external ids a row took and released, according to its outcome.
func (q *queue) learn(t *task, o Outcome) {
	if t.Update.ExternalReferenceID.IsZero() || o.Attempts == 0 || t.givenUp {
		return
	}
	switch {
	case o.Status == journal.Updated, o.Status == journal.Unchanged:
		q.record(owner{group: t.ID, id: t.wants, line: t.Line})
	case o.HTTPStatus == 0, o.HTTPStatus == 408, o.HTTPStatus >= 500: // it may have been applied
		q.record(owner{group: t.ID, unknown: true})
		q.wake(t.wants)
	default:
		q.wake(t.wants)
	}
}

// record adds an entry to owners.
func (q *queue) record(entry owner) {
	entry = q.owners.add(entry)
	if q.owners.isIndexed() {
		q.change(entry)
	}
}

// change updates the index of owners, and what is known about the ids that were released.
func (q *queue) change(entry owner) {
	before, known := q.owners.set(entry)
	switch {
	case !known, entry.unknown:
		q.lastRelease = entry.number
	case before.id != entry.id:
		q.release(before.id, entry.number)
	}
}

// release records that an external id was released by an entry of owners. The PUT of a row that wants it may have arrived
// before that.
func (q *queue) release(id string, number int) {
	if waiting := q.ids[id]; len(waiting) > 0 && waiting[0].sentAfter < number {
		waiting[0].released = true
	}
	q.wake(id)
}

// wake lets the oldest deferred row that wants the id be retried first.
func (q *queue) wake(id string) {
	if q.wanted[id] > 0 {
		i := slices.IndexFunc(q.deferred, func(t *task) bool { return t.wants == id })
		q.deferred[i].released = true
	}
}
