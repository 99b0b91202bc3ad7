package sync

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"unicode/utf8"

	"groupsync/ecwid"
	"groupsync/sync/internal/quote"
	"groupsync/sync/quota"
)

// transfers remembers the groups whose external id was cleared for a row of another group that then got it,
// until a row of theirs sets another.
type transfers struct {
	mu sync.Mutex
	to map[int32]transfer
}

// transfer is where an external id went.
type transfer struct {
	id    string
	group int32
	line  int
}

func (t *transfers) set(from int32, to transfer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.to == nil {
		t.to = map[int32]transfer{}
	}
	t.to[from] = to
}

func (t *transfers) forget(group int32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.to, group)
}

// note says of a row that fails that its group stays without an external id, and why; "" if it does not.
func (t *transfers) note(row *task) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	to, ok := t.to[row.ID]
	if !ok || !row.ahead.LastToSet {
		return ""
	}
	return fmt.Sprintf("group %d has no externalReferenceId: %s was transferred to group %d for line %d", row.ID, quote.Text(to.id), to.group, to.line)
}

// follow does what an outcome means for external ids that were cleared: it puts the one back that was cleared
// for a row that is not good. It returns the outcome with what the record is to say of that.
func (s *sender) follow(ctx context.Context, t *task, o Outcome) (Outcome, error) {
	switch {
	case t.Update.ExternalReferenceID.IsZero():
	case o.Status.Good():
		s.transfers.forget(t.ID)
		if t.cleared {
			s.transfers.set(t.ahead.Group, transfer{t.Update.ExternalReferenceID.Value(), t.ID, t.Line})
		}
	default:
		if err := s.putBack(ctx, t); err != nil {
			return o, err
		}
		o.Attempts = t.attempts
		o.Reason = withNote(withNote(o.Reason, t.putBack), s.transfers.note(t))
	}
	return o, nil
}

// deferRow defers a row whose external id another group holds. If that id was cleared for the row, somebody else
// took it meanwhile: it is put back if it can be.
func (s *sender) deferRow(ctx context.Context, t *task, conflict error) error {
	if err := s.putBack(ctx, t); err != nil {
		return err
	}
	s.queue.deferRow(t, conflict)
	return nil
}

// putBack gives the external id that was cleared for a row back to the group that held it, if there is one.
// Its error says why the run is over.
func (s *sender) putBack(ctx context.Context, t *task) error {
	if !t.cleared {
		return nil
	}
	t.cleared = false
	holder, id := t.ahead.Group, t.Update.ExternalReferenceID
	wasCleared := fmt.Sprintf("%s was cleared in group %d for this row", quote.Text(id.Value()), holder)
	tries := &task{Row: t.Row}
	for {
		a, err := s.pacer.Enter(ctx)
		if err != nil {
			return err
		}
		count, err := s.putOnce(ctx, t, holder, ecwid.CustomerGroupUpdate{ExternalReferenceID: id})
		switch {
		case err == nil && count > 0:
			a.Done(quota.Responded, 0, nil)
			t.putBack = wasCleared + " and put back"
			return nil

		case err == nil:
			a.Done(quota.Responded, 0, nil)
			t.putBack = wasCleared + ", and the store did not confirm that it was put back"
			return nil

		case ctx.Err() != nil:
			a.Done(quota.Abandoned, 0, nil)
			return context.Cause(ctx)

		case errors.Is(err, ecwid.ErrRateLimited):
			a.Done(quota.RateLimited, retryAfter(err, quota.DefaultPause), err)

		case errors.Is(err, ecwid.ErrRefused), isCertificate(err):
			err := &StoppedError{err}
			s.pacer.Close(err)
			a.Done(quota.Responded, 0, nil)
			return err

		case isTemporary(err):
			wait, next := s.again(a, tries, err)
			if next == giveUp {
				t.putBack = fmt.Sprintf("%s and could not be put back: %v", wasCleared, err)
				return nil
			}
			if err := sleep(ctx, wait); err != nil {
				return err
			}

		default:
			a.Done(quota.Responded, 0, nil)
			t.putBack = fmt.Sprintf("%s and could not be put back: %v", wasCleared, err)
			return nil
		}
	}
}

// withNote adds a note to a reason, which is cut so that the note is not.
func withNote(reason, note string) string {
	if note == "" {
		return reason
	}
	room := max(quote.MaxOneLine-len("; ")-utf8.RuneCountInString(note), 1)
	return quote.Truncate(quote.OneLine(reason), room-1) + "; " + note
}

// putOnce is put within the time that one attempt may take.
func (s *sender) putOnce(ctx context.Context, t *task, group int32, u ecwid.CustomerGroupUpdate) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return s.put(ctx, t, group, u)
}
