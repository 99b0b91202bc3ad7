package sync

import (
	"context"
	"io"

	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
	"groupsync/sync/quota"
)

// source is the pipeline's first stage: it brings rows to the workers, and each row's slot, in order, to
// the reporter.
type source struct {
	reader *groupfile.Reader
	past   journal.History
	slots  chan<- chan Outcome
	queue  *queue
	pacer  *quota.Gate
	limit  int // 0: none
	small  int // up to how many rows an input is a small one for the pacer
	// ahead is of a run that has listed the store's groups.
	ahead *plan.Simulation

	seq        int
	rows       int   // of the input, as far as it was read
	endedEarly error // why the input's rows were not all read, although the run went to its end
}

// read brings rows until the input or the limit ends, or ctx does.
func (s *source) read(ctx context.Context) error {
	n := 0 // rows of this run
	s.count(s.past.Recorded + s.past.Fresh())
	for _, item := range s.past.Backlog {
		// Even at a stop: what an earlier run recorded is to be recorded again.
		slot := make(chan Outcome, 1)
		s.slots <- slot
		switch {
		case item.Recorded != nil:
		case s.endedEarly != nil || s.isEnough(ctx, n): // its slot stays empty
			s.endedEarly = s.limitReached()
			continue
		default:
			n++
		}
		s.hand(item, slot)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if s.endedEarly != nil {
		s.queue.end(false)
		return nil
	}
	for ; ; n++ {
		row, err := s.reader.Next()
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == io.EOF:
			s.queue.end(true)
			s.pacer.Size(s.rows)
			return nil
		case err != nil:
			s.endedEarly = &InterruptedError{err}
		case s.isEnough(ctx, n):
			s.endedEarly = s.limitReached()
		}
		if s.endedEarly != nil {
			s.queue.end(false)
			return nil
		}
		s.count(1)
		slot := make(chan Outcome, 1)
		select {
		case s.slots <- slot:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		s.hand(journal.Entry{Row: row}, slot)
	}
}

// count counts rows of the input, and tells the pacer as soon as it is not a small one.
func (s *source) count(n int) {
	small := s.rows <= s.small
	s.rows += n
	if small && s.rows > s.small {
		s.pacer.Size(s.rows)
	}
}

// isEnough reports whether n rows are as many as the limit lets this run take. If none of them can be settled
// before a row behind them, it takes more, up to the first that can: else each run would take the same rows.
func (s *source) isEnough(ctx context.Context, n int) bool {
	return s.limit > 0 && n >= s.limit && !s.queue.stuck(ctx)
}

func (s *source) limitReached() error {
	return &InterruptedError{&LimitError{s.limit}}
}

// hand gives a row to the workers, or its outcome to the reporter if it has one or can't be sent.
func (s *source) hand(i journal.Entry, slot chan Outcome) {
	s.seq++
	switch {
	case i.Recorded != nil:
		slot <- Outcome{recorded: i.Recorded}
	case i.Err != nil && (s.ahead == nil || i.Unsendable.ID == 0):
		slot <- decided(i.Row, plan.DecideInvalid(i.Row, nil))
	case i.Err != nil: // it waits for earlier rows of its group, which may change what it is compared with
		i.ID = i.Unsendable.ID
		s.queue.push(&task{Row: i.Row, seq: s.seq, slot: slot})
		return
	default:
		t := &task{Row: i.Row, seq: s.seq, slot: slot}
		if s.ahead != nil {
			t.ahead, _, _ = s.ahead.Next(i.Row, s.seq)
		}
		s.queue.push(t)
		return
	}
	s.queue.skip(s.seq, i.Recorded == nil)
}
