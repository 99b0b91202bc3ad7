package sync

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"groupsync/ecwid/ecwidtest"

	"github.com/google/go-cmp/cmp"
)

// groupsOf returns the groups of a store that is written "1:a 2:b"; "2:" is a group without an external id.
func groupsOf(store string) []ecwidtest.Group {
	var groups []ecwidtest.Group
	for _, g := range strings.Fields(store) {
		number, externalID, _ := strings.Cut(g, ":")
		var id int32
		fmt.Sscan(number, &id)
		groups = append(groups, ecwidtest.Group{ID: id, Name: "group " + number, ExternalReferenceID: externalID})
	}
	return groups
}

// externalIDs returns the external ids of the store's groups, in the form that [groupsOf] takes.
func (tr *trial) externalIDs() string {
	var all []string
	for _, g := range tr.server.Groups()[1:] {
		all = append(all, fmt.Sprintf("%d:%s", g.ID, g.ExternalReferenceID))
	}
	return strings.Join(all, " ")
}

// outcomes returns the records of the results without line, cells and store.
func (tr *trial) outcomes() []string {
	var all []string
	for _, line := range tr.lines() {
		all = append(all, strings.TrimSuffix(strings.SplitN(line, ",", 5)[4], ","+tr.server.Store()))
	}
	return all
}

// An external id is cleared for an earlier row only if the later row that releases it will succeed.
func TestLookAhead(t *testing.T) {
	const keeps2, keeps4 = `belongs to group 2, which keeps it"`, `belongs to group 4, which keeps it"`
	for _, c := range []struct {
		name, store string // "1:a 2:b"; "2:" is a group without an id
		rows        string // "1,b 2,a"
		puts        []string
		records     []string // without line, cells and store
	}{
		{
			"the later row fails, because an earlier row took its id", "4:b 6: 13:", "6,b 13,c 4,c",
			[]string{`13 {"name":"group 13","externalReferenceId":"c"}`},
			[]string{`failed,,409,0,"externalReferenceId ""b"" ` + keeps4, "updated,1,200,1,", `failed,,409,0,"externalReferenceId ""c"" belongs to group 13, which keeps it"`},
		},
		{
			"along a chain that ends in an id that is kept", "1: 2:b 3:c 4:d", "1,b 2,c 3,d",
			nil,
			[]string{
				`failed,,409,0,"externalReferenceId ""b"" ` + keeps2,
				`failed,,409,0,"externalReferenceId ""c"" belongs to group 3, which keeps it"`,
				`failed,,409,0,"externalReferenceId ""d"" ` + keeps4,
			},
		},
		{
			"along a chain whose end is free", "1: 2:b 3:c", "1,b 2,c 3,d",
			[]string{
				`2 {"name":"group 2","externalReferenceId":null}`, `1 {"name":"group 1","externalReferenceId":"b"}`,
				`3 {"name":"group 3","externalReferenceId":null}`, `2 {"name":"group 2","externalReferenceId":"c"}`, `3 {"name":"group 3","externalReferenceId":"d"}`,
			},
			[]string{"updated,1,200,2,", "updated,1,200,2,", "updated,1,200,1,"},
		},
		{
			"the later row wants the same id", "1: 2:b", "1,b 2,b",
			nil,
			[]string{`failed,,409,0,"externalReferenceId ""b"" ` + keeps2, "unchanged,,,0,"},
		},
		{
			"a later row fails, and one after it succeeds", "1: 2:b 3:c", "1,b 2,c 2,d",
			[]string{`2 {"name":"group 2","externalReferenceId":null}`, `1 {"name":"group 1","externalReferenceId":"b"}`, `2 {"name":"group 2","externalReferenceId":"d"}`},
			[]string{"updated,1,200,2,", `failed,,409,0,"externalReferenceId ""c"" belongs to group 3, which keeps it"`, "updated,1,200,1,"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				input := "groupId,externalReferenceId\n" + strings.ReplaceAll(c.rows, " ", "\n") + "\n"
				tr := newTrial(t, input, ecwidtest.Options{Groups: groupsOf(c.store)})
				if _, err := tr.run(tr.listing(func(j *Job) { j.Concurrency = 1 })...); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.puts, tr.puts()); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(c.records, tr.outcomes()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// A row that failed in an earlier run releases no id.
func TestLookAheadAfterStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const store = "3:q 4:k 5:"
		tr := newTrial(t, "groupId,name,externalReferenceId\n3,refused,z\n5,,k\n4,,q\n", ecwidtest.Options{Groups: groupsOf(store), Fault: refuseName})
		if _, err := tr.run(tr.listing(func(j *Job) { j.Limit = 1 })...); err == nil {
			t.Fatal("the run was not stopped")
		}
		if _, err := tr.run(tr.listing()...); err != nil {
			t.Fatal(err)
		}
		if got := tr.externalIDs(); got != store {
			t.Errorf("the store holds %s, want %s", got, store)
		}
	})
}
