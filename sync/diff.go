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

// invalid is what becomes of a row that can't be sent. It is unchanged if its group is known to hold its values:
// so a file that was written from the store can be sent back, whatever somebody put into a name.
func invalid(row Row, store *holdings) Outcome {
	if store != nil && store.holds(row) {
		return Outcome{Row: row, Status: Unchanged, UpdateCount: -1}
	}
	return Outcome{Row: row, Status: Invalid, UpdateCount: -1, Reason: row.Err.Error()}
}

// outcome is what becomes of a row without any request, or nil if it needs one.
func (c change) outcome(row Row, now held) *Outcome {
	o := Outcome{Row: row, UpdateCount: -1}
	switch c {
	case same:
		o.Status = Unchanged
	case noGroup:
		o.Status, o.HTTPStatus = Failed, http.StatusNotFound
		o.Reason = fmt.Sprintf("the store has no group %d", row.ID)
	case taken:
		o.Status, o.HTTPStatus = Failed, http.StatusConflict
		o.Reason = fmt.Sprintf("externalReferenceId %s belongs to group %d, which does not give it up", shown(row.ExternalReferenceID), now.holder)
	default:
		return nil
	}
	return &o
}
