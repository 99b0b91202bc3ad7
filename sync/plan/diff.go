package plan

import (
	"fmt"
	"net/http"

	"groupsync/sync/groupfile"
	"groupsync/sync/internal/quote"
	"groupsync/sync/journal"
)

// change is what a row comes to, given what the store holds.
type Action int

const (
	// put: its PUT is to be sent.
	Put Action = iota
	// putAfterClearing: it is to be sent after another PUT, which clears the external id it wants in the
	// group that holds it.
	ClearAndPut
	// same: the store holds its values already.
	Same
	// noGroup: the store has no such group.
	NoGroup
	// taken: another group holds the external id it wants, and keeps it.
	Taken
)

// diff compares a row, which can be sent, with what the store holds. Plan, dry run, skipping what is
// unchanged and the limit on changes are all this one comparison: printed, sent or counted.
func Diff(row groupfile.Row, now State, ahead Claim) Action {
	switch {
	case !now.exists:
		return NoGroup
	case now.group != nil && !row.Update.Changes(*now.group):
		return Same
	case now.taken && ahead.Joined && now.holder == ahead.Group && ahead.givesUp:
		return ClearAndPut
	case now.taken && ahead.Joined && now.holder == ahead.Group && ahead.certain:
		return Taken
	}
	return Put
}

// decision is what becomes of a row without any request.
type Decision struct {
	Status     journal.Status
	HTTPStatus int // what the store would respond, or 0
	Reason     string
}

// decideInvalid returns what becomes of a row that can't be sent. It is unchanged if its group is known to
// hold its values: so a file that was written from the store can be sent back, whatever somebody put into a
// name. The store may be nil.
func DecideInvalid(row groupfile.Row, store *Store) Decision {
	if store != nil && store.holds(row) {
		return Decision{Status: journal.Unchanged}
	}
	return Decision{Status: journal.Invalid, Reason: row.Err.Error()}
}

// decide returns what becomes of a row without any request; ok is false if it needs one.
func (c Action) Decide(row groupfile.Row, now State) (d Decision, ok bool) {
	switch c {
	case Same:
		return Decision{Status: journal.Unchanged}, true
	case NoGroup:
		return Decision{journal.Failed, http.StatusNotFound, fmt.Sprintf("the store has no group %d", row.ID)}, true
	case Taken:
		return Decision{journal.Failed, http.StatusConflict, fmt.Sprintf("externalReferenceId %s belongs to group %d, which keeps it", quote.Text(row.ExternalReferenceID), now.holder)}, true
	}
	return Decision{}, false
}
