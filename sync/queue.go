package sync

import (
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// window is how many rows the reader may be ahead of the oldest unsettled one.
const window = 1000

// task is a row on its way through the pool.
type task struct {
	Row
	// seq counts the rows of the run from 1.
	seq int
	// slot takes the outcome. It has room for one, so that settling a row never waits.
	slot chan Outcome

	attempts int                         // PUTs sent
	tries    int                         // attempts that used up one of its tries
	failing  time.Time                   // when the first of them left
	repeated bool                        // an attempt on a stale connection was repeated, which uses up none
	zero     bool                        // the PUT was answered with updateCount 0: a GET is to settle it
	ahead    foreseen                    // of another group's external id, if the store's groups were listed
	clears   bool                        // that group's external id is to be cleared first
	cleared  bool                        // it was, or may have been, and is not put back
	putBack  string                      // what came of putting it back
	conflict error                       // the last 409 of a deferred row
	backoff  *backoff.ExponentialBackOff // nil before the first retry
}

// queue hands the rows to the workers: rows of one group one after the other, and rows whose external id is
// taken again when it may have become free.
//
// A row that waits, for an earlier row of its group or for its external id, keeps no worker waiting.
type queue struct {
	// ready holds the rows that a worker may take. It has room for every row of the window:
	// nobody waits to put one in.
	ready chan *task

	mu       sync.Mutex
	groups   map[int32][]*task // the groups that have rows here, in their order: only the first may be under way or deferred
	active   int               // rows in ready or with a worker
	deferred []*task           // oldest first
	last     int               // the newest row's seq
	ended    bool              // the reader has no more rows
	complete bool              // because the input has none
	progress bool              // a row was settled since the deferred ones went last
	closed   bool              // nothing more will be ready
}

func newQueue() *queue {
	return &queue{
		ready:    make(chan *task, window+2),
		groups:   map[int32][]*task{},
		progress: true,
	}
}

// push takes a row from the reader.
func (q *queue) push(t *task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last = t.seq
	q.groups[t.ID] = append(q.groups[t.ID], t)
	if t.ahead.joined {
		q.groups[t.ahead.group] = append(q.groups[t.ahead.group], t)
	}
	q.start(t)
	q.turn()
}

// start makes a row ready if no row of its groups stands before it.
func (q *queue) start(t *task) {
	if q.groups[t.ID][0] != t || t.ahead.joined && q.groups[t.ahead.group][0] != t {
		return
	}
	q.active++
	q.ready <- t
}

// leave takes the first row of a group out, and lets the next one go.
func (q *queue) leave(group int32) {
	behind := q.groups[group][1:]
	if len(behind) == 0 {
		delete(q.groups, group)
		return
	}
	q.groups[group] = behind
	q.start(behind[0])
}

// skip counts a row that needs no worker.
func (q *queue) skip(seq int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last = seq
	q.turn()
}

// end says that the reader has no more rows; complete, that this is because the input has none.
func (q *queue) end(complete bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended, q.complete = true, complete
	q.turn()
}

// settle takes a row back with its outcome, and lets the next row of its group go.
func (q *queue) settle(t *task, o Outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.active--
	q.release(t, o)
	q.turn()
}

// requeue takes a row back that has to go again, after those that are ready.
func (q *queue) requeue(t *task) { q.ready <- t }

// postpone takes a row back whose external id is taken; it keeps its group. It does not hold up the group
// that it waited for any longer: that one's rows may be what it waits for.
func (q *queue) postpone(t *task, conflict error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t.conflict = conflict
	q.active--
	if t.ahead.joined {
		t.ahead.joined = false
		q.leave(t.ahead.group)
	}
	i, _ := slices.BinarySearchFunc(q.deferred, t.seq, func(d *task, seq int) int { return d.seq - seq })
	q.deferred = slices.Insert(q.deferred, i, t)
	q.turn()
}

func (q *queue) release(t *task, o Outcome) {
	t.slot <- o
	q.progress = true
	q.leave(t.ID)
	if t.ahead.joined {
		q.leave(t.ahead.group)
	}
}

// turn looks whether it is the deferred rows' turn: every other row of the window is settled, or waits
// behind one of them, and the reader can bring no further row before one of them is settled. If nothing
// was settled since they went last, they can't be helped.
func (q *queue) turn() {
	for q.active == 0 {
		if len(q.deferred) == 0 {
			if q.ended {
				q.close()
			}
			return
		}
		if !q.ended && q.last-q.deferred[0].seq < window {
			return
		}
		turn := q.deferred
		q.deferred = nil
		if q.progress {
			q.progress = false
			q.active = len(turn)
			for _, t := range turn {
				q.ready <- t
			}
			return
		}
		if q.ended && !q.complete {
			// Rows that were not read might have freed the ids: these stay unsettled.
			q.close()
			return
		}
		for _, t := range turn {
			q.release(t, t.failed(t.conflict))
		}
	}
}

func (q *queue) close() {
	if !q.closed {
		q.closed = true
		close(q.ready)
	}
}
