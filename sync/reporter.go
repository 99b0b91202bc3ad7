package sync

import (
	"context"
	"time"

	"groupsync/sync/journal"
)

// syncEvery is how long what was written may stay off the disk.
const syncEvery = time.Second

// reporter writes the outcomes in input order. While the run goes, it alone touches the journal.
type reporter struct {
	journal *journal.Journal
	hooks   Hooks
	counts  map[journal.Status]int
	reasons journal.Reasons
	stop    context.CancelCauseFunc // ends the run when the journal can't be written any more

	tick *time.Ticker
	err  error // the first error of the journal
}

// report takes the rows' slots in order and writes what each of them gets. Once settled is closed, a slot
// that is empty stays so: its row is unsettled, and gets no record.
func (r *reporter) report(slots <-chan chan Outcome, settled <-chan struct{}) error {
	r.tick = time.NewTicker(syncEvery)
	defer r.tick.Stop()
	for {
		slot, ok := take(r, slots, nil)
		if !ok {
			r.do(r.journal.Flush)
			return r.err
		}
		if o, ok := take(r, slot, settled); ok {
			r.record(o)
		}
	}
}

// take receives from c, or gives up when done is closed and c is empty. What was gathered is written
// before it waits, and brought to the disk while it does.
func take[T any](r *reporter, c <-chan T, done <-chan struct{}) (v T, ok bool) {
	select {
	case v, ok = <-c:
		return v, ok
	default:
		r.do(r.journal.Flush)
	}
	for {
		select {
		case v, ok = <-c:
			return v, ok
		case <-done:
			select {
			case v, ok = <-c:
			default:
			}
			return v, ok
		case <-r.tick.C:
			r.do(r.journal.Sync)
		}
	}
}

func (r *reporter) record(o Outcome) {
	if o.recorded != nil {
		r.do(func() error { return r.journal.Append(*o.recorded) })
		return
	}
	rec := o.record(r.journal.Results.StoreID)
	r.do(func() error { return r.journal.Append(rec) })
	if r.err == nil {
		r.counts[o.Status]++
		r.reasons.Add(o.Status, rec.Error, o.Line)
		r.hooks.settled(o)
	}
	select {
	case <-r.tick.C:
		r.do(r.journal.Flush)
		r.do(r.journal.Sync)
	default:
	}
}

// do does something with the journal, unless it failed before: then the slots are only emptied, so that
// nobody waits for a reporter that has gone.
func (r *reporter) do(something func() error) {
	if r.err != nil {
		return
	}
	if err := something(); err != nil {
		r.err = &InterruptedError{err}
		r.stop(r.err)
	}
}
