package sync

import (
	"context"
	"sync"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
	"groupsync/sync/plan"
)

// window is how many rows the source may be ahead of the oldest unsettled one.
const window = 1000

// task is a row on its way to its outcome.
type task struct {
	groupfile.Row
	// seq numbers the rows of the run from 1.
	seq int
	// slot receives the outcome. It has room for one, so that settling a row never waits.
	slot chan Outcome

	attempts   int                        // PUTs sent
	tries      tries                      // failed attempts
	verify     bool                       // its PUT got updateCount 0: a GET of the group settles the row
	dependency plan.Dependency            // on the rows of another group, if the store's groups were listed
	differing  *ecwid.CustomerGroupUpdate // with a base: the values of the row that the store does not hold, as far as is known
	clearFirst bool                       // first clear the external id of the group in dependency
	cleared    bool                       // that id was, or may have been, cleared, and has not been put back
	putBack    string                     // the note for the record about putting it back, or ""

	deferral
}

// queue decides which row a worker may take next. Rows of one group, and rows that want one external id, are sent one
// after the other, in the order of the input. Rows whose external id belongs to another group are deferred.
//
// A row that waits for an earlier row or for its external id does not occupy a worker.
type queue struct {
	// ready holds the rows that a worker may take. It has room for every row of the window, so that adding one
	// never blocks.
	ready chan *task
	limit int // how many rows may be settled; 0: all

	mu         sync.Mutex
	groups     map[int32][]*task  // the rows of each group in their order; only the first may be active or deferred
	ids        map[string][]*task // the rows that want each external id, without deferred ones; only the first may be active
	active     int                // rows in ready or with a worker
	settled    int                // rows of this run that have their outcome
	last       int                // the seq of the newest row
	ended      bool               // the source has no more rows
	complete   bool               // the source ended because the input has no more rows
	stuckReply chan<- bool        // receives the result of isStuck; nil if the source does not wait for it
	closed     bool               // ready is closed

	deferredRows
}

func newQueue(limit int) *queue {
	return &queue{
		ready:        make(chan *task, window+2),
		limit:        limit,
		groups:       map[int32][]*task{},
		ids:          map[string][]*task{},
		deferredRows: deferredRows{wanted: map[string]int{}},
	}
}

// push adds a row.
func (q *queue) push(t *task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last = t.seq
	t.wants = t.Update.ExternalReferenceID.Value()
	q.groups[t.ID] = append(q.groups[t.ID], t)
	if t.dependency.Exists {
		q.groups[t.dependency.Group] = append(q.groups[t.dependency.Group], t)
	}
	if t.wants != "" {
		q.ids[t.wants] = append(q.ids[t.wants], t)
	}
	q.start(t)
	q.advance()
}

// start makes a row ready, unless an earlier row of its groups, or one that wants its external id, is unsettled.
func (q *queue) start(t *task) {
	switch {
	case q.groups[t.ID][0] != t,
		t.dependency.Exists && q.groups[t.dependency.Group][0] != t,
		t.wants != "" && q.ids[t.wants][0] != t,
		q.isFull():
	case q.wanted[t.wants] > 0: // by a deferred row, which is an earlier one
		q.addDeferred(t)
	default:
		q.dispatchPut(t)
	}
}

// dispatchPut makes a row ready for its PUT.
func (q *queue) dispatchPut(t *task) {
	t.sentAfter, t.released = q.owners.added, false
	q.dispatch(t)
}

// dispatch makes a row ready.
func (q *queue) dispatch(t *task) {
	q.active++
	q.ready <- t
}

// isFull reports whether the settled and the active rows together reach the limit.
func (q *queue) isFull() bool { return q.limit > 0 && q.settled+q.active >= q.limit }

// leave removes the first of the rows that wait under key, and starts the next one.
func leave[K comparable](q *queue, waiting map[K][]*task, key K) {
	rest := waiting[key][1:]
	if len(rest) == 0 {
		delete(waiting, key)
		return
	}
	waiting[key] = rest
	q.start(rest[0])
}

// skip counts a row that needs no worker. settled tells whether it counts as settled by this run.
func (q *queue) skip(seq int, settled bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last = seq
	if settled {
		q.settled++
	}
	q.advance()
}

// end records that the source has no more rows. complete tells whether this is because the input has no more.
func (q *queue) end(complete bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended, q.complete = true, complete
	q.advance()
}

// isStuck waits until no row is active. It then reports whether no row of this run is settled, because all of them
// are deferred.
func (q *queue) isStuck(ctx context.Context) bool {
	reply := make(chan bool, 1)
	q.mu.Lock()
	q.stuckReply = reply
	q.advance()
	q.mu.Unlock()
	select {
	case stuck := <-reply:
		return stuck
	case <-ctx.Done():
		return false
	}
}

// settle gives a row its outcome, and starts the rows that waited for it.
func (q *queue) settle(t *task, o Outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.active--
	q.settled++
	q.learn(t, o)
	t.slot <- o
	leave(q, q.groups, t.ID)
	if t.dependency.Exists {
		leave(q, q.groups, t.dependency.Group)
	}
	if t.wants != "" && !t.givenUp {
		leave(q, q.ids, t.wants)
	}
	q.advance()
}

// requeue puts an active row behind those that are ready.
func (q *queue) requeue(t *task) { q.ready <- t }

// advance decides what comes next when no row is active: deferred rows, the result of isStuck, or the end.
func (q *queue) advance() {
	if q.active > 0 {
		return
	}
	if (q.limit == 0 || q.settled < q.limit) && q.retryDeferred() {
		return
	}
	if q.stuckReply != nil {
		q.stuckReply <- q.settled == 0
		q.stuckReply = nil
	}
	if q.ended && !q.closed {
		q.closed = true
		close(q.ready)
	}
}
