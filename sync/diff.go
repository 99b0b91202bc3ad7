package sync

import (
	"fmt"
	"net/http"
)

// change is what a row comes to, given what the store holds.
type change int

const (
	// put: its PUT is to be sent.
	put change = iota
	// putAfterClearing: it is to be sent after another PUT, which clears the external id it wants in the
	// group that holds it.
	putAfterClearing
	// same: the store holds its values already.
	same
	// noGroup: the store has no such group.
	noGroup
	// taken: another group holds the external id it wants, and keeps it.
	taken
)

// diff compares a row, which can be sent, with what the store holds. Plan, dry run, skipping what is
// unchanged and the limit on changes are all this one comparison: printed, sent or counted.
func diff(row Row, now held, ahead foreseen) change {
	switch {
	case !now.exists:
		return noGroup
	case now.group != nil && !row.Update.Changes(*now.group):
		return same
	case now.taken && ahead.joined && now.holder == ahead.group && ahead.givesUp:
		return putAfterClearing
	case now.taken && ahead.joined && now.holder == ahead.group && ahead.certain:
		return taken
	}
	return put
}

// decision is what becomes of a row without any request.
type decision struct {
	status     Status
	httpStatus int // what the store would respond, or 0
	reason     string
}

// decideInvalid returns what becomes of a row that can't be sent. It is unchanged if its group is known to
// hold its values: so a file that was written from the store can be sent back, whatever somebody put into a
// name. The store may be nil.
func decideInvalid(row Row, store *holdings) decision {
	if store != nil && store.holds(row) {
		return decision{status: Unchanged}
	}
	return decision{status: Invalid, reason: row.Err.Error()}
}

// decide returns what becomes of a row without any request; ok is false if it needs one.
func (c change) decide(row Row, now held) (d decision, ok bool) {
	switch c {
	case same:
		return decision{status: Unchanged}, true
	case noGroup:
		return decision{Failed, http.StatusNotFound, fmt.Sprintf("the store has no group %d", row.ID)}, true
	case taken:
		return decision{Failed, http.StatusConflict, fmt.Sprintf("externalReferenceId %s belongs to group %d, which keeps it", shown(row.ExternalReferenceID), now.holder)}, true
	}
	return decision{}, false
}
