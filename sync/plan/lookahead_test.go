package plan

import (
	"fmt"
	"strings"
	"testing"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"

	"github.com/google/go-cmp/cmp"
)

// simulate applies rows such as "1,b" to a store such as "1:a 2:b". It returns, for each row, what a run does with it
// and which group it depends on.
func simulate(t *testing.T, store, rows string) []string {
	t.Helper()
	var groups []ecwid.CustomerGroup
	for _, text := range strings.Fields(store) {
		id, externalID, _ := strings.Cut(text, ":")
		g := ecwid.CustomerGroup{Name: "group", ExternalReferenceID: externalID}
		fmt.Sscan(id, &g.ID)
		groups = append(groups, g)
	}
	var file []groupfile.Row
	for i, text := range strings.Fields(rows) {
		id, externalID, _ := strings.Cut(text, ",")
		var number int32
		fmt.Sscan(id, &number)
		row := values(number, "-", externalID)
		row.Line = i + 2
		file = append(file, row)
	}
	s := NewStore(groups)
	lookahead, err := LookAhead(s, nil, 1000, func(visit func(groupfile.Row)) error {
		for _, row := range file {
			visit(row)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	simulation := NewSimulation(s, nil, lookahead, 1000)
	var all []string
	for i, row := range file {
		dep, _, change := simulation.Next(row, i+1)
		text := map[Action]string{Put: "put", ClearAndPut: "clear and put", Unchanged: "unchanged", NoSuchGroup: "no such group", IDTaken: "taken"}[change.Action]
		if dep.Exists {
			text += fmt.Sprintf(" after %d", dep.Group)
		}
		all = append(all, text)
	}
	return all
}

func TestLookAhead(t *testing.T) {
	for _, c := range []struct {
		name, store, rows string
		want              []string
	}{
		{"nothing in common", "1:a 2:b", "1,c 2,d", []string{"put", "put"}},
		{"a swap", "1:a 2:b", "1,b 2,a", []string{"clear and put after 2", "put after 1"}},
		{"a chain against the order of the file", "1: 2:b 3:c", "1,b 2,c 3,d", []string{"clear and put after 2", "clear and put after 3", "put"}},
		{"a chain in the order of the file", "1:a 2:b", "1,c 2,a", []string{"put", "put after 1"}},
		{"an id that is kept", "1: 2:b", "1,b", []string{"taken after 2"}},
		{"an id whose holder wants one that is kept", "1: 2:b 3:c", "1,b 2,c", []string{"taken after 2", "taken after 3"}},
		{"a group that does not exist releases nothing", "1: 2:b", "1,b 9,c 2,", []string{"clear and put after 2", "no such group", "unchanged"}},
	} {
		if diff := cmp.Diff(c.want, simulate(t, c.store, c.rows)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}
