package plan

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
	"groupsync/sync/internal/quote"
)

// notes finds what is worth a look in a plan. It follows the names of the store's groups.
type notes struct {
	store *Store
	names map[string][]int32 // as they will be
	near  int                // how often a name was looked for
}

func newNotes(store *Store) *notes {
	n := &notes{store: store, names: map[string][]int32{}}
	for _, g := range store.all() {
		n.names[g.Name] = append(n.names[g.Name], g.ID)
	}
	return n
}

// of gives the notes of a step. It must be asked about each one, in their order.
func (n *notes) of(s Entry, c Action) (all []string) {
	note := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if c == NoGroup {
		if g, ok := n.nearest(s.Row); ok {
			note("group %d is %s", g.ID, describe(g))
		}
		return all
	}
	if s.Untidy && len(s.Changes()) > 0 {
		note("a text has blanks around it, or marks that do not show: see --tidy")
	}
	for _, change := range s.Changes() {
		switch {
		case change.Field == groupfile.ColumnName:
			if others := n.names[change.New]; len(others) > 0 {
				note("group %d is called %s as well", others[0], quote.Text(change.New))
			}
			n.names[change.Old] = slices.DeleteFunc(n.names[change.Old], func(id int32) bool { return id == s.ID })
			n.names[change.New] = append(n.names[change.New], s.ID)
		case change.New != "" && strings.TrimLeft(change.Old, "0") == change.New:
			note("externalReferenceId %s is the store's %s without its zeros: did a spreadsheet take them?", quote.Text(change.New), quote.Text(change.Old))
		}
	}
	return all
}

func describe(g ecwid.CustomerGroup) string {
	if g.ExternalReferenceID == "" {
		return quote.Text(g.Name)
	}
	return fmt.Sprintf("%s, %s", quote.Text(g.Name), quote.Text(g.ExternalReferenceID))
}

const (
	// mostNear bounds how often all groups are compared by name with that of a row.
	mostNear = 100
	// nearRunes bounds how long the names are that are compared.
	nearRunes = 100
)

// nearest is the group that a row without one may mean: the holder of its external id, or the one whose
// name is most like the row's.
func (n *notes) nearest(row groupfile.Row) (ecwid.CustomerGroup, bool) {
	if now := n.store.Lookup(row); now.taken {
		return n.store.group(now.holder), true
	}
	name := plainName(row.Update.Name.Value())
	if n.near++; len(name) == 0 || n.near > mostNear {
		return ecwid.CustomerGroup{}, false
	}
	var nearest ecwid.CustomerGroup
	least := len(name)/4 + 1
	for _, g := range n.store.all() {
		if g.ID == 0 {
			continue
		}
		if d := distance(name, plainName(g.Name), least); d < least {
			nearest, least = g, d
		}
	}
	return nearest, nearest.ID != 0
}

// plainName is a name without what people write now this way, now that.
func plainName(s string) []rune {
	runes := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s))
	return runes[:min(len(runes), nearRunes)]
}

// distance is the number of letters to be put in, taken out or replaced to make b of a, or most if it is
// not less.
func distance(a, b []rune, most int) int {
	if len(a)-len(b) >= most || len(b)-len(a) >= most {
		return most
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
	return min(row[len(b)], most)
}
