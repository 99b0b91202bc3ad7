package plan

import (
	"fmt"
	"net/http"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
	"groupsync/sync/internal/quote"
	"groupsync/sync/journal"
)

// Action is what a run does about a row.
type Action int

const (
	// Put sends the row's PUT.
	Put Action = iota
	// ClearAndPut first clears the external id in the group that holds it, then sends the row's PUT.
	ClearAndPut
	// Unchanged sends nothing: the store holds the row's values.
	Unchanged
	// NoSuchGroup sends nothing: the store does not have the row's group.
	NoSuchGroup
	// IDTaken sends nothing: another group holds the external id, and keeps it.
	IDTaken
)

// Diff compares a valid row with what the store holds.
func Diff(row groupfile.Row, now State, dep Dependency) Action {
	switch {
	case !now.exists:
		return NoSuchGroup
	case now.group != nil && !row.Update.Changes(*now.group):
		return Unchanged
	case now.taken && dep.Exists && now.holder == dep.Group && dep.releases:
		return ClearAndPut
	case now.taken && dep.Exists && now.holder == dep.Group && dep.final:
		return IDTaken
	}
	return Put
}

// ClearID returns the update that clears the external id of a group.
func ClearID() ecwid.CustomerGroupUpdate {
	return ecwid.CustomerGroupUpdate{ExternalReferenceID: ecwid.Null()}
}

// Decision is the outcome of a row that needs no request.
type Decision struct {
	Status     journal.Status
	HTTPStatus int // the status of the response to a request for the row; 0: none
	Reason     string
}

// DecideInvalid returns the outcome of an invalid row: [journal.Unchanged] if the store holds its values, so that
// a file of the store's own groups is accepted whatever characters their names have. The store may be nil.
func DecideInvalid(row groupfile.Row, store *Store) Decision {
	if store != nil && store.holds(row) {
		return Decision{Status: journal.Unchanged}
	}
	return Decision{Status: journal.Invalid, Reason: row.Err.Error()}
}

// Decide returns the outcome of a row without a request. ok is false if the row needs one.
func (a Action) Decide(row groupfile.Row, now State) (d Decision, ok bool) {
	switch a {
	case Unchanged:
		return Decision{Status: journal.Unchanged}, true
	case NoSuchGroup:
		return Decision{journal.Failed, http.StatusNotFound, fmt.Sprintf("the store has no group %d", row.ID)}, true
	case IDTaken:
		return Decision{journal.Failed, http.StatusConflict, fmt.Sprintf("externalReferenceId %s belongs to group %d, which keeps it", quote.Text(row.ExternalReferenceID), now.holder)}, true
	}
	return Decision{}, false
}
