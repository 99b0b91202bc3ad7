package sync

import (
	"context"
	"fmt"
	"sync"
	"unicode/utf8"

	"groupsync/ecwid"
	"groupsync/sync/quote"
)

// transfers records which groups have lost their external id, because it was cleared for a row of another group, and
// which row got it. A group is removed when a row of its own sets another id.
type transfers struct {
	mu sync.Mutex
	to map[int32]transfer
}

// transfer is an external id and the row that got it.
type transfer struct {
	id    string
	group int32
	line  int
}

func (t *transfers) add(from int32, to transfer) {
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

// note returns a note for the record of a failed row whose group stays without an external id, or "".
func (t *transfers) note(row *task) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	to, ok := t.to[row.ID]
	if !ok || !row.dependency.LastToSet {
		return ""
	}
	return fmt.Sprintf("group %d has no externalReferenceId: %s was transferred to group %d for line %d", row.ID, quote.Text(to.id), to.group, to.line)
}

// finishTransfer records the transfer of the external id that was cleared for a row if the row is good, and puts the id
// back otherwise. It returns the outcome with notes about that.
func (s *sender) finishTransfer(ctx context.Context, t *task, o Outcome) (Outcome, error) {
	switch {
	case t.Update.ExternalReferenceID.IsZero():
	case o.Status.Good():
		s.transfers.forget(t.ID)
		if t.cleared {
			s.transfers.add(t.dependency.Group, transfer{t.Update.ExternalReferenceID.Value(), t.ID, t.Line})
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

// putBack restores the external id that was cleared for a row, if there is one, in the group that held it. Its error
// says why the run is over.
func (s *sender) putBack(ctx context.Context, t *task) error {
	if !t.cleared {
		return nil
	}
	t.cleared = false
	id, holder := t.Update.ExternalReferenceID, t.dependency.Group
	wasCleared := fmt.Sprintf("%s was cleared in group %d for this row", quote.Text(id.Value()), holder)
	var count int
	step, err := s.requestUntilDone(ctx, &tries{row: &t.Row}, func(ctx context.Context) (err error) {
		count, err = s.put(ctx, t, holder, ecwid.CustomerGroupUpdate{ExternalReferenceID: id})
		return err
	})
	switch {
	case step == stepRunOver:
		return err
	case step == stepFailed:
		t.putBack = fmt.Sprintf("%s and could not be put back: %v", wasCleared, err)
	case count > 0:
		t.putBack = wasCleared + " and put back"
	default:
		t.putBack = wasCleared + ", and the store did not confirm that it was put back"
	}
	return nil
}

// withNote adds a note to a reason, and truncates the reason so that the note stays complete.
func withNote(reason, note string) string {
	if note == "" {
		return reason
	}
	room := max(quote.MaxOneLine-len("; ")-utf8.RuneCountInString(note), 1)
	return quote.Truncate(quote.OneLine(reason), room-1) + "; " + note
}
