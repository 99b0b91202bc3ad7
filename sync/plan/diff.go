package plan

import (
	"fmt"
	"strings"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/quote"
)

// Action is what a run does with a row.
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
	// Conflict sends nothing: the row changes a value that others have changed since the base.
	Conflict
)

// Change is what a run does with a row, and the values for it.
type Change struct {
	Action Action
	// Update are the values that the row asks for. With a base, these are only those that it changes, and those that
	// the store already holds.
	Update ecwid.CustomerGroupUpdate
	// Differing are the values of Update that the store is not known to hold.
	Differing ecwid.CustomerGroupUpdate
	conflicts []string // by field
}

// Diff compares a valid row with what the store holds, and with what the base knows of the row's group, unless base
// is nil. The rules for each field of the row, with b the value of the base, s that of the store and w that of the row:
//
//	s = w        there is nothing to do
//	w = b        the row does not change the field, so it is not sent
//	s = b        the row's value is sent
//	otherwise    this is a conflict: nothing of the row is sent
//
// The first rule that applies counts. If the base does not have the field, the rules with b do not apply.
//
// Without a base, each field whose s differs from w is sent. If the run itself may have replaced the value in the store,
// s is not known: the row's value is sent.
func Diff(row groupfile.Row, state State, base *ecwid.CustomerGroupUpdate, dep Dependency) Change {
	if !state.exists {
		return Change{Action: NoSuchGroup, Update: row.Update, Differing: row.Update}
	}
	c := Change{Action: Put, Update: row.Update, Differing: row.Update}
	if state.known {
		var b ecwid.CustomerGroupUpdate
		if base != nil {
			b = *base
		}
		c.compare(groupfile.ColumnName, &c.Update.Name, &c.Differing.Name, state.group.Name, b.Name, base != nil)
		c.compare(groupfile.ColumnExternalID, &c.Update.ExternalReferenceID, &c.Differing.ExternalReferenceID, state.group.ExternalReferenceID, b.ExternalReferenceID, base != nil)
	}
	taken := state.taken && !c.Update.ExternalReferenceID.IsZero() && dep.Exists && state.holder == dep.Group
	switch {
	case len(c.conflicts) > 0:
		c.Action = Conflict
	case c.Differing == (ecwid.CustomerGroupUpdate{}):
		c.Action = Unchanged
	case taken && dep.releases:
		c.Action = ClearAndPut
	case taken && dep.final:
		c.Action = IDTaken
	}
	return c
}

// compare compares one field. store is its value in the store, and base that of the base.
func (c *Change) compare(field string, update, differing *ecwid.OptionalString, store string, base ecwid.OptionalString, hasBase bool) {
	row := *update
	switch {
	case row.IsZero():
	case row.Value() == store:
		*differing = ecwid.OptionalString{}
	case !hasBase:
	case !base.IsZero() && row.Value() == base.Value():
		*update, *differing = ecwid.OptionalString{}, ecwid.OptionalString{}
	case base.IsZero():
		c.conflicts = append(c.conflicts, fmt.Sprintf("%s: the base has no value for it, the store has %s, and the row has %s", field, describeValue(store), describeValue(row.Value())))
	case base.Value() != store:
		c.conflicts = append(c.conflicts, fmt.Sprintf("%s: it was changed in the store from %s to %s since the base was written, and the row has %s", field, describeValue(base.Value()), describeValue(store), describeValue(row.Value())))
	}
}

// describeValue returns a value for a message.
func describeValue(s string) string {
	if s == "" {
		return "none"
	}
	return quote.Text(s)
}

// ClearID returns the update that clears the external id of a group.
func ClearID() ecwid.CustomerGroupUpdate {
	return ecwid.CustomerGroupUpdate{ExternalReferenceID: ecwid.Null()}
}

// Decision is the outcome of a row that needs no request.
type Decision struct {
	Status journal.Status
	Reason string
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
func (c Change) Decide(row groupfile.Row, state State) (d Decision, ok bool) {
	switch c.Action {
	case Unchanged:
		return Decision{Status: journal.Unchanged}, true
	case NoSuchGroup:
		return Decision{journal.Failed, fmt.Sprintf("the store has no group %d", row.ID)}, true
	case IDTaken:
		return Decision{journal.Failed, fmt.Sprintf("externalReferenceId %s belongs to group %d, which keeps it", quote.Text(row.ExternalReferenceID), state.holder)}, true
	case Conflict:
		return Decision{Status: journal.Conflict, Reason: strings.Join(c.conflicts, "; ")}, true
	}
	return Decision{}, false
}
