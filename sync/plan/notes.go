package plan

import (
	"fmt"
	"strings"
	"unicode"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
	"groupsync/sync/quote"
)

// notes finds what a person should check in a plan. It tracks the names of the store's groups.
type notes struct {
	store    *Store
	names    valueIndex // after the rows so far
	searches int        // how often the nearest name was searched for
}

func newNotes(store *Store) *notes {
	n := &notes{store: store, names: newValueIndex()}
	for g := range store.all() {
		n.names.add(g.Name, g.ID)
	}
	return n
}

// forEntry returns the notes of an entry. It must be called for each entry, in order.
func (n *notes) forEntry(e Entry, action Action) (all []string) {
	note := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if action == NoSuchGroup {
		if g, ok := n.nearest(e.Row); ok {
			note("group %d is %s", g.ID, describe(g))
		}
		return all
	}
	changes := e.Changes()
	if e.Untidy && len(changes) > 0 {
		note("a value has leading or trailing spaces, invisible characters or decomposed characters")
	}
	for _, change := range changes {
		if original := groupfile.Misdecoded(change.New); original != "" {
			note("%s %s was probably %s before a program read it in the wrong encoding", change.Field, quote.Text(change.New), quote.Text(original))
		}
		switch {
		case change.Field == groupfile.ColumnName:
			if others := n.names.groups(change.New); len(others) > 0 {
				note("group %d also has the name %s", others[0], quote.Text(change.New))
			}
			n.names.remove(change.Old, e.ID)
			n.names.add(change.New, e.ID)
		case change.New != "" && strings.TrimLeft(change.Old, "0") == change.New:
			note("externalReferenceId %s is the store's %s without its leading zeros: did a spreadsheet program remove them?", quote.Text(change.New), quote.Text(change.Old))
		}
	}
	return all
}

// describe returns the values of a group for a message.
func describe(g ecwid.CustomerGroup) string {
	if g.ExternalReferenceID == "" {
		return quote.Text(g.Name)
	}
	return fmt.Sprintf("%s, %s", quote.Text(g.Name), quote.Text(g.ExternalReferenceID))
}

const (
	// maxSearches bounds how often the name of a row is compared with those of all groups.
	maxSearches = 100
	// maxCompared bounds the length of compared names, in characters.
	maxCompared = 100
)

// nearest returns the group that a row with an unknown group id may mean: the one that holds its external id, or the
// one with the most similar name.
func (n *notes) nearest(row groupfile.Row) (ecwid.CustomerGroup, bool) {
	if state := n.store.Lookup(row); state.taken {
		return n.store.group(state.holder), true
	}
	name := plainName(row.Update.Name.Value())
	if n.searches++; len(name) == 0 || n.searches > maxSearches {
		return ecwid.CustomerGroup{}, false
	}
	var nearest ecwid.CustomerGroup
	least := len(name)/4 + 1
	for g := range n.store.all() {
		if g.ID == 0 {
			continue
		}
		if d := distance(name, plainName(g.Name), least); d < least {
			nearest, least = g, d
		}
	}
	return nearest, nearest.ID != 0
}

// plainName returns the letters and digits of a name, in lower case: at most maxCompared of them.
func plainName(s string) []rune {
	runes := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s))
	return runes[:min(len(runes), maxCompared)]
}

// distance returns the number of characters to insert, delete or replace to turn a into b, but at most limit.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			replaced := diagonal
			if x != y {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return min(row[len(b)], limit)
}
