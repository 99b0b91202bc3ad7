package sync

import (
	"context"
	"io"
	"sync"

	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
	"groupsync/sync/quota"
)

// source is the first stage of the pipeline. It passes rows to the workers, and the slots of the rows, in the order
// of the input, to the reporter.
type source struct {
	reader     *groupfile.Reader
	history    journal.History
	queue      *queue
	gate       *quota.Gate
	rate       quota.Rate
	limit      int              // 0: none
	simulation *plan.Simulation // nil: the store's groups were not listed

	slots      chan<- chan Outcome
	unused     *sync.Pool // of chan Outcome: slots for further rows
	seq        int        // of the newest row
	rows       int        // rows of the input that were read so far
	taken      int        // rows of the input that this run has to settle
	endedEarly error      // why the input was not read to its end, although the run settles the rows that were read
}

func newSource(j *Job, s *sender, history journal.History, simulation *plan.Simulation) *source {
	return &source{
		reader: j.Input.Reader(), history: history, queue: s.queue, gate: s.gate,
		rate: j.Rate, limit: j.Limit, simulation: simulation,
	}
}

// read reads rows until the input ends, the limit is reached or ctx ends.
func (s *source) read(ctx context.Context, slots chan<- chan Outcome, unused *sync.Pool) error {
	s.slots, s.unused = slots, unused
	s.readBacklog(ctx)
	for s.endedEarly == nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		row, err := s.history.Next(s.reader)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == io.EOF:
			s.queue.end(true)
			s.gate.ExpectRequests(s.rows)
			return nil
		case err != nil:
			s.endedEarly = &InterruptedError{err}
		case s.isLimitReached(ctx):
			s.endedEarly = &InterruptedError{&LimitError{s.limit}}
		default:
			s.countRows(1)
			slot := s.unused.Get().(chan Outcome)
			select {
			case s.slots <- slot:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			s.taken++
			s.enqueue(journal.Entry{Row: row}, slot)
		}
	}
	s.queue.end(false)
	return nil
}

// readBacklog takes the rows that were read when the journal was replayed. It takes all of them even if the run is
// stopped, because the records among them must be written again.
func (s *source) readBacklog(ctx context.Context) {
	s.countRows(s.history.Recorded + s.history.Fresh())
	for _, entry := range s.history.Backlog {
		slot := s.unused.Get().(chan Outcome)
		s.slots <- slot
		if entry.Recorded == nil {
			if s.endedEarly != nil || s.isLimitReached(ctx) {
				s.endedEarly = &InterruptedError{&LimitError{s.limit}}
				continue // the slot stays empty
			}
			s.taken++
		}
		s.enqueue(entry, slot)
	}
}

// countRows counts rows of the input, and tells the gate as soon as they do not fit into one window.
func (s *source) countRows(n int) {
	fits := s.rate.FitsWindow(s.rows)
	s.rows += n
	if fits && !s.rate.FitsWindow(s.rows) {
		s.gate.ExpectRequests(s.rows)
	}
}

// isLimitReached reports whether this run has taken as many rows as it may. If none of them can be settled before
// a later row is, the run takes more, up to the first that can be settled: otherwise each run would take the
// same rows and settle none.
func (s *source) isLimitReached(ctx context.Context) bool {
	return s.limit > 0 && s.taken >= s.limit && !s.queue.isStuck(ctx)
}

// enqueue passes a row to the workers, or its outcome to the reporter if it needs no worker.
func (s *source) enqueue(entry journal.Entry, slot chan Outcome) {
	s.seq++
	t := &task{Row: entry.Row, seq: s.seq, slot: slot}
	switch {
	case entry.Recorded != nil:
		slot <- Outcome{recorded: entry.Recorded}
		s.queue.skip(s.seq, false)
		return
	case entry.Err == nil && s.simulation != nil:
		dependency, state, change := s.simulation.Next(entry.Row, s.seq)
		if change.Action == plan.Conflict { // others have changed the group before this run: no response can resolve that
			d, _ := change.Decide(entry.Row, state)
			slot <- decidedOutcome(&t.Row, d)
			s.queue.skip(s.seq, true)
			return
		}
		t.dependency, t.Update = dependency, change.Update
	case entry.Err == nil: // the row is sent without a comparison
	case s.simulation == nil || entry.Unsendable == nil:
		slot <- decidedOutcome(&t.Row, plan.DecideInvalid(entry.Row, nil))
		s.queue.skip(s.seq, true)
		return
	default: // earlier rows of its group may change what it is compared with
		t.Row = s.simulation.WithoutUnchanged(entry.Row)
		t.ID = entry.Unsendable.ID
	}
	s.queue.push(t)
}
