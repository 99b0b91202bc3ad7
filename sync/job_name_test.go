package sync

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"groupsync/ecwid/ecwidtest"
)

// A store may require the name in a PUT. A run that has listed the groups sends the name that the group has, even after
// a PUT with an unknown result. In any other run, the row fails.
func TestStoreRequiresName(t *testing.T) {
	for _, c := range []struct {
		name  string
		adapt func(*trial) []func(*Job)
		want  []string // parts of the records
	}{
		{
			"listed", func(tr *trial) []func(*Job) { return tr.listing() },
			[]string{",updated,1,200,", ",updated,1,200,"},
		},
		{
			"not listed", func(tr *trial) []func(*Job) { return nil },
			[]string{",failed,,400,1,Ecwid returned 400 WRONG_PARAMETER: Field CustomerGroup.name is absent", ",updated,1,200,"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := ecwidtest.Options{RequireName: true, Groups: []ecwidtest.Group{{ID: 1, Name: "A"}, {ID: 2, Name: "B"}}}
				lost := false
				o.Fault = func(r ecwidtest.Request) ecwidtest.Fault {
					if r.GroupID == 1 && !lost && strings.Contains(r.Body, "name") {
						lost = true
						return ecwidtest.Reset()
					}
					return ecwidtest.Fault{}
				}
				tr := newTrial(t, "groupId,name,externalReferenceId\n1,,a\n2,New,b\n", o)
				if _, err := tr.run(c.adapt(tr)...); err != nil {
					t.Fatal(err)
				}
				for i, line := range tr.lines() {
					if !strings.Contains(line, c.want[i]) {
						t.Errorf("the record is %s, want %s", line, c.want[i])
					}
				}
				if c.name == "listed" && !slices.Contains(tr.server.Groups(), ecwidtest.Group{ID: 1, Name: "A", ExternalReferenceID: "a"}) {
					t.Errorf("the store has %v", tr.server.Groups())
				}
			})
		})
	}
}
