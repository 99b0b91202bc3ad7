package plan

import (
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
)

// Base has the values that the groups had before somebody edited the file: it distinguishes what the editor changed
// from what others have changed in the store since. It has at most one entry for each group of the store. A nil *Base
// means that there is no base: a row then asks for all of its values.
type Base struct {
	groups map[int32]ecwid.CustomerGroupUpdate // an absent field is not known
}

// NewBase returns a base with the values of the rows whose groups the store has. Of several values for a field, the
// last one counts. If a row is untidy, and the store holds its value tidied, the base gets the value of the store.
// keyColumn is the column by which rows without a groupId name their groups, or "".
func NewBase(rows iter.Seq2[groupfile.Row, error], keyColumn string, store *Store) (*Base, error) {
	b := &Base{map[int32]ecwid.CustomerGroupUpdate{}}
	var keys *keyIndex
	if keyColumn != "" {
		keys = newKeyIndex(keyColumn, store)
	}
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		if row.Err == nil && row.ID == 0 && keys != nil {
			row = keys.find(row)
		}
		id, values := row.ID, row.Update
		if row.Unsendable != nil { // the group may hold a value that cannot be sent
			id, values = row.Unsendable.ID, row.Unsendable.Update
		}
		if id == 0 || !store.has(id) {
			continue
		}
		if row.Untidy {
			values = asStored(values, store.group(id))
		}
		b.set(id, values)
	}
	return b, nil
}

// AddSent adds the values that earlier runs sent and the store still holds, so that they do not count as changes made by
// others.
func (b *Base) AddSent(rows iter.Seq2[groupfile.Row, error], store *Store) error {
	for row, err := range rows {
		if err != nil {
			return err
		}
		if g, ok := store.known(row.ID); ok {
			b.set(row.ID, matching(asStored(row.Update, g), g))
		}
	}
	return nil
}

// Clone returns a copy.
func (b *Base) Clone() *Base {
	if b == nil {
		return nil
	}
	return &Base{maps.Clone(b.groups)}
}

// group returns the values that the base has for a group, or nil if there is no base.
func (b *Base) group(id int32) *ecwid.CustomerGroupUpdate {
	if b == nil {
		return nil
	}
	known := b.groups[id]
	return &known
}

// set records the values of a group, so that they do not count as changes made by others.
func (b *Base) set(id int32, values ecwid.CustomerGroupUpdate) {
	if b == nil {
		return
	}
	known := b.groups[id]
	if !values.Name.IsZero() {
		known.Name = values.Name
	}
	if !values.ExternalReferenceID.IsZero() {
		known.ExternalReferenceID = values.ExternalReferenceID
	}
	b.groups[id] = known
}

// hasID reports whether the base has this external id for a group, so that a row may change it.
func (b *Base) hasID(id int32, externalID string) bool {
	if b == nil {
		return true
	}
	known := b.groups[id].ExternalReferenceID
	return !known.IsZero() && known.Value() == externalID
}

// hash adds the base to a digest.
func (b *Base) hash(digest io.Writer) {
	if b == nil {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(b.groups)) {
		known := b.groups[id]
		fmt.Fprintf(digest, "base %d %t %q %t %q\n", id,
			known.Name.IsZero(), known.Name.Value(), known.ExternalReferenceID.IsZero(), known.ExternalReferenceID.Value())
	}
}

// Continue prepares the base for a run that continues an earlier one, so that what the earlier run changed does not
// count as a change made by others. each calls its argument for each valid row of the file; settled reports whether the
// earlier run settled the row at a line. At most window rows can have been sent without being settled.
//
// A value that a row asks for is not a change made by others. Nor is a missing external id that a row of another group
// asks for: the earlier run may have ended after clearing it in one group, and before setting it in the other.
func (b *Base) Continue(store *Store, settled func(line int) bool, window int, each func(func(groupfile.Row)) error) error {
	if b == nil {
		return nil
	}
	cleared := map[string][]int32{} // groups without an external id that may have had this one
	for id, known := range b.groups {
		if externalID := known.ExternalReferenceID.Value(); externalID != "" && store.group(id).ExternalReferenceID == "" {
			cleared[externalID] = append(cleared[externalID], id)
		}
	}
	lastSet := map[int32]string{} // for each group without an external id: the id that its last settled row set
	unsettled := 0
	err := each(func(row groupfile.Row) {
		g, ok := store.known(row.ID)
		if !ok {
			return
		}
		b.set(row.ID, matching(row.Update, g))
		wanted := row.Update.ExternalReferenceID.Value()
		isSettled := settled(row.Line)
		if !isSettled {
			unsettled++
		}
		switch {
		case wanted == "" || g.ExternalReferenceID != "":
		case isSettled:
			lastSet[row.ID] = wanted
		case unsettled <= window+2:
			cleared[wanted] = append(cleared[wanted], row.ID)
		}
	})
	if err != nil {
		return err
	}
	for id, externalID := range lastSet {
		cleared[externalID] = append(cleared[externalID], id)
	}
	if len(cleared) == 0 {
		return nil
	}
	return each(func(row groupfile.Row) {
		for _, id := range cleared[row.Update.ExternalReferenceID.Value()] {
			if id != row.ID {
				b.set(id, ClearID())
			}
		}
	})
}

// asStored returns values, but with the value of the group where tidying makes both the same.
func asStored(values ecwid.CustomerGroupUpdate, g ecwid.CustomerGroup) ecwid.CustomerGroupUpdate {
	if groupfile.Tidy(values.Name.Value()) == g.Name && !values.Name.IsZero() {
		values.Name = ecwid.String(g.Name)
	}
	if groupfile.Tidy(values.ExternalReferenceID.Value()) == g.ExternalReferenceID && values.ExternalReferenceID.Value() != "" {
		values.ExternalReferenceID = ecwid.String(g.ExternalReferenceID)
	}
	return values
}

// matching returns the fields of an update that the group holds.
func matching(u ecwid.CustomerGroupUpdate, g ecwid.CustomerGroup) ecwid.CustomerGroupUpdate {
	if u.Name.Value() != g.Name {
		u.Name = ecwid.OptionalString{}
	}
	if u.ExternalReferenceID.Value() != g.ExternalReferenceID {
		u.ExternalReferenceID = ecwid.OptionalString{}
	}
	return u
}

// withoutUnchanged returns an invalid row without the values that the base has as well.
func (b *Base) withoutUnchanged(row groupfile.Row) groupfile.Row {
	if b == nil || row.Unsendable == nil {
		return row
	}
	rest, known := *row.Unsendable, b.groups[row.Unsendable.ID]
	same := func(a, b ecwid.OptionalString) bool {
		plain := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
		return !a.IsZero() && !b.IsZero() && plain(a.Value()) == plain(b.Value())
	}
	if same(rest.Update.Name, known.Name) {
		rest.Update.Name = ecwid.OptionalString{}
	}
	if same(rest.Update.ExternalReferenceID, known.ExternalReferenceID) {
		rest.Update.ExternalReferenceID = ecwid.OptionalString{}
	}
	row.Unsendable = &rest
	return row
}
