package sync

import (
	"context"
	"sync"
	"time"

	"groupsync/sync/groupfile"
	"groupsync/sync/plan"

	"github.com/cenkalti/backoff/v5"
)

// window is how many rows the reader may be ahead of the oldest unsettled one.
const window = 1000

// task is a row on its way through the pool.
type task struct {
	groupfile.Row
	// seq counts the rows of the run from 1.
	seq int
	// slot takes the outcome. It has room for one, so that settling a row never waits.
	slot chan Outcome

	attempts int                         // PUTs sent
	tries    int                         // attempts that used up one of its tries
	failing  time.Time                   // when the first of them left
	repeated bool                        // an attempt on a stale connection was repeated, which uses up none
	zero     bool                        // the PUT was answered with updateCount 0: a GET is to settle it
	ahead    plan.Dependency             // of another group's external id, if the store's groups were listed
	clears   bool                        // that group's external id is to be cleared first
	cleared  bool                        // it was, or may have been, and is not put back
	putBack  string                      // what came of putting it back
	backoff  *backoff.ExponentialBackOff // nil before the first retry

	deferral
}

// queue hands the rows to the workers: rows of one group, and rows that want one external id, one after the
// other in the order of the input. It defers rows whose external id is taken.
//
// A row that waits, for an earlier row or for its external id, keeps no worker waiting.
type queue struct {
	// ready holds the rows that a worker may take. It has room for every row of the window:
	// nobody waits to put one in.
	ready chan *task
	limit int // how many rows may be settled; 0: all

	mu       sync.Mutex
	groups   map[int32][]*task  // the rows of each group, in their order: only the first may be active or deferred
	ids      map[string][]*task // the rows that want each external id, without the deferred ones: only the first may be active
	active   int                // rows in ready or with a worker
	settled  int                // rows of this run that have their outcome
	last     int                // the newest row's seq
	ended    bool               // the reader has no more rows
	complete bool               // because the input has none
	asked    chan<- bool        // the reader asks whether the rows are stuck; nil if it does not
	closed   bool               // nothing more will be ready

	waiting
}

func newQueue(limit int) *queue {
	return &queue{
		ready:   make(chan *task, window+2),
		limit:   limit,
		groups:  map[int32][]*task{},
		ids:     map[string][]*task{},
		waiting: newWaiting(),
	}
}

// push takes a row from the reader.
func (q *queue) push(t *task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last = t.seq
	t.wants = t.Update.ExternalReferenceID.Value()
	q.groups[t.ID] = append(q.groups[t.ID], t)
	if t.ahead.Exists {
		q.groups[t.ahead.Group] = append(q.groups[t.ahead.Group], t)
	}
	if t.wants != "" {
		q.ids[t.wants] = append(q.ids[t.wants], t)
	}
	q.start(t)
	q.turn()
}

// start makes a row ready if no row of its groups, and none that wants its external id, stands before it.
func (q *queue) start(t *task) {
	switch {
	case q.groups[t.ID][0] != t,
		t.ahead.Exists && q.groups[t.ahead.Group][0] != t,
		t.wants != "" && q.ids[t.wants][0] != t,
		q.isFull():
	case q.wanted[t.wants] > 0: // by a deferred row, which is an earlier one
		q.addDeferred(t)
	default:
		q.send(t)
	}
}

// send makes a row ready for its PUT.
func (q *queue) send(t *task) {
	t.seen, t.freed = q.releases, false
	q.hand(t)
}

func (q *queue) hand(t *task) {
	q.active++
	q.ready <- t
}

// isFull reports whether no more rows may be settled than are already or are being sent.
func (q *queue) isFull() bool { return q.limit > 0 && q.settled+q.active >= q.limit }

// leave takes the first row out of the line of key, and starts the next one.
func leave[K comparable](q *queue, lines map[K][]*task, key K) {
	behind := lines[key][1:]
	if len(behind) == 0 {
		delete(lines, key)
		return
	}
	lines[key] = behind
	q.start(behind[0])
}

// skip counts a row that needs no worker; settled says whether it is one of this run.
func (q *queue) skip(seq int, settled bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last = seq
	if settled {
		q.settled++
	}
	q.turn()
}

// end says that the reader has no more rows; complete, that this is because the input has none.
func (q *queue) end(complete bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended, q.complete = true, complete
	q.turn()
}

// stuck waits until no row is active, and reports whether none could be settled, because all that were
// brought are deferred.
func (q *queue) stuck(ctx context.Context) bool {
	answer := make(chan bool, 1)
	q.mu.Lock()
	q.asked = answer
	q.turn()
	q.mu.Unlock()
	select {
	case stuck := <-answer:
		return stuck
	case <-ctx.Done():
		return false
	}
}

// settle takes a row back with its outcome, and starts the rows that waited for it.
func (q *queue) settle(t *task, o Outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.active--
	q.settled++
	q.learn(t, o)
	t.slot <- o
	leave(q, q.groups, t.ID)
	if t.ahead.Exists {
		leave(q, q.groups, t.ahead.Group)
	}
	if t.wants != "" && !t.lost {
		leave(q, q.ids, t.wants)
	}
	q.turn()
}

// requeue takes a row back that has to go again, after those that are ready.
func (q *queue) requeue(t *task) { q.ready <- t }

// turn decides what follows when no row is active.
func (q *queue) turn() {
	if q.active > 0 {
		return
	}
	if (q.limit == 0 || q.settled < q.limit) && q.helpDeferred() {
		return
	}
	if q.asked != nil {
		q.asked <- q.settled == 0
		q.asked = nil
	}
	if q.ended && !q.closed {
		q.closed = true
		close(q.ready)
	}
}
