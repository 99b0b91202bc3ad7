package plan

import (
	"fmt"
	"strconv"
	"strings"

	"groupsync/sync/groupfile"
	"groupsync/sync/quote"
)

// keyIndex finds the groups of rows by a column other than groupId. The key is not sent, so a run never changes
// which group is found.
type keyIndex struct {
	column string
	byKey  valueIndex
}

func newKeyIndex(column string, store *Store) *keyIndex {
	k := &keyIndex{column: column, byKey: newValueIndex()}
	for g := range store.all() {
		value := g.Name
		if column == groupfile.ColumnExternalID {
			value = g.ExternalReferenceID
		}
		k.byKey.add(value, g.ID)
	}
	return k
}

// FindGroups makes the reader look up the group of each row in the store, if the rows name their groups by a key.
func FindGroups(in *groupfile.Reader, store *Store) {
	if key := in.KeyColumn(); key != "" {
		in.SetGroupFinder(newKeyIndex(key, store).find)
	}
}

// find returns the row with its group, or an invalid row if the key does not identify one group.
func (k *keyIndex) find(row groupfile.Row) groupfile.Row {
	if row.Err != nil {
		return row
	}
	ids := k.byKey.groups(row.Key)
	if reason := k.fault(&row, ids); reason != "" {
		row.Fail(&groupfile.RowError{Column: k.column, Reason: reason})
		return row
	}
	if row.ID == 0 {
		row.ID = ids[0]
		row.GroupID = strconv.Itoa(int(row.ID))
	}
	return row
}

// fault returns why the key does not identify the row's group, or "".
func (k *keyIndex) fault(row *groupfile.Row, ids []int32) string {
	key := quote.Text(row.Key)
	for _, id := range ids {
		if id == row.ID && id != 0 {
			return "" // groupId chooses one of several groups
		}
	}
	switch {
	case len(ids) == 0:
		return fmt.Sprintf("no group of the store has %s", key)
	case row.ID != 0:
		return fmt.Sprintf("%s belongs to group %d, but groupId is %d", key, ids[0], row.ID)
	case len(ids) > 1:
		return fmt.Sprintf("%d groups have %s: %s: choose one of them with a groupId", len(ids), key, firstOf(ids))
	case ids[0] == 0:
		return fmt.Sprintf("%s belongs to the store's default group, which is never changed: remove the row", key)
	}
	return ""
}

// firstOf lists the first few ids.
func firstOf(ids []int32) string {
	const limit = 3
	var list []string
	for _, id := range ids[:min(len(ids), limit)] {
		list = append(list, strconv.Itoa(int(id)))
	}
	if len(ids) > limit {
		list = append(list, "…")
	}
	return strings.Join(list, ", ")
}
