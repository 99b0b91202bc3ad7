package sync

import (
	"context"
	"sync"
	"time"

	"groupsync/sync/journal"
)

// syncInterval is how often the journal is synced to disk.
const syncInterval = time.Second

// reporter writes the outcomes in the order of the input. It is the only user of the journal while the pipeline runs.
type reporter struct {
	journal *journal.Journal
	hooks   Hooks
	counts  map[journal.Status]int
	reasons journal.Reasons

	stop context.CancelCauseFunc // ends the run when the journal cannot be written
	tick *time.Ticker
	err  error // the first error of the journal
}

// report receives the slots of the rows in their order, and writes the outcome of each. A slot that is empty when
// workersDone is closed stays empty: its row is unsettled and gets no record.
func (r *reporter) report(slots <-chan chan Outcome, unused *sync.Pool, workersDone <-chan struct{}, stop context.CancelCauseFunc) error {
	r.stop = stop
	r.tick = time.NewTicker(syncInterval)
	defer r.tick.Stop()
	for {
		slot, ok := receive(r, slots, nil)
		if !ok {
			r.write(r.journal.Flush)
			return r.err
		}
		if o, ok := receive(r, slot, workersDone); ok {
			unused.Put(slot)
			r.record(o)
		}
	}
}

// receive receives from c, or returns false when c is empty and workersDone is closed. Before it waits, it flushes the
// journal; while it waits, it syncs the journal to disk.
func receive[T any](r *reporter, c <-chan T, workersDone <-chan struct{}) (v T, ok bool) {
	select {
	case v, ok = <-c:
		return v, ok
	default:
		r.write(r.journal.Flush)
	}
	for {
		select {
		case v, ok = <-c:
			return v, ok
		case <-workersDone:
			select {
			case v, ok = <-c:
			default:
			}
			return v, ok
		case <-r.tick.C:
			r.write(r.journal.Sync)
		}
	}
}

// record writes one outcome.
func (r *reporter) record(o Outcome) {
	if o.recorded != nil {
		r.write(func() error { return r.journal.Append(*o.recorded) })
		return
	}
	record := o.record(r.journal.StoreID())
	r.write(func() error { return r.journal.Append(record) })
	if r.err == nil {
		r.counts[o.Status]++
		r.reasons.Add(o.Status, record.Error, o.Line)
		r.hooks.settled(o)
	}
	select {
	case <-r.tick.C:
		r.write(r.journal.Flush)
		r.write(r.journal.Sync)
	default:
	}
}

// write calls an operation of the journal. After the first error it does nothing, and the reporter only receives what
// is sent to it, so that the source does not wait.
func (r *reporter) write(operation func() error) {
	if r.err != nil {
		return
	}
	if err := operation(); err != nil {
		r.err = &InterruptedError{err}
		r.stop(r.err)
	}
}
