package plan

import (
	"fmt"
	"strconv"
	"strings"

	"groupsync/sync/groupfile"
	"groupsync/sync/internal/quote"
)

// keys finds the groups of rows that name them by another field than their id. That field is not sent, and
// so no run changes what is found by it.
type keys struct {
	column string
	groups map[string][]int32 // the store's, by that field
}

func newKeys(column string, store *Store) *keys {
	k := &keys{column: column, groups: map[string][]int32{}}
	for _, g := range store.all() {
		value := g.Name
		if column == groupfile.ColumnExternalID {
			value = g.ExternalReferenceID
		}
		k.groups[value] = append(k.groups[value], g.ID)
	}
	return k
}

// findGroups makes the reader find the groups of its rows in the store, if they are named by a key.
func FindGroups(in *groupfile.Reader, store *Store) {
	if key := in.KeyColumn(); key != "" {
		in.FindBy(newKeys(key, store).find)
	}
}

// find fills in the row's group, or says why it can't be told.
func (k *keys) find(row *groupfile.Row) {
	if row.Err != nil {
		return
	}
	ids := k.groups[row.Key]
	if reason := k.fault(row, ids); reason != "" {
		row.Fail(&groupfile.RowError{Column: k.column, Reason: reason})
		return
	}
	if row.ID == 0 {
		row.ID = ids[0]
		row.GroupID = strconv.Itoa(int(row.ID))
	}
}

func (k *keys) fault(row *groupfile.Row, ids []int32) string {
	key := quote.Text(row.Key)
	for _, id := range ids {
		if id == row.ID && id != 0 {
			return "" // of several groups, the groupId says which
		}
	}
	switch {
	case len(ids) == 0:
		return fmt.Sprintf("no group of the store has %s", key)
	case row.ID != 0:
		return fmt.Sprintf("%s is that of group %d, and groupId says %d", key, ids[0], row.ID)
	case len(ids) > 1:
		return fmt.Sprintf("%s is that of %d groups, %s: say which by groupId", key, len(ids), some(ids))
	case ids[0] == 0:
		return fmt.Sprintf("%s is that of the store's default group, which is not changed: take the row out", key)
	}
	return ""
}

// some names a few groups.
func some(ids []int32) string {
	const most = 3
	var names []string
	for _, id := range ids[:min(len(ids), most)] {
		names = append(names, strconv.Itoa(int(id)))
	}
	if len(ids) > most {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}
