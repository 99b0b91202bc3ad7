package sync

import (
	"strings"
	"testing"
	"testing/synctest"

	"groupsync/ecwid/ecwidtest"
)

// A value that can't be sent is compared with what its group holds once the rows before it are settled.
func TestUnsendableValues(t *testing.T) {
	for _, c := range []struct {
		name, input string
		want        []Status
	}{
		{"held", "groupId,name\n1,\"a\tb\"\n", []Status{Unchanged}},
		{"another", "groupId,name\n1,\"a\tc\"\n", []Status{Invalid}},
		{"of another group", "groupId,name\n2,\"a\tb\"\n", []Status{Invalid}},
		{"of no group", "groupId,name\n9,\"a\tb\"\n", []Status{Invalid}},
		{"held, with another external id", "groupId,name,externalReferenceId\n1,\"a\tb\",x\n", []Status{Invalid}},
		{"held, with its external id", "groupId,name,externalReferenceId\n1,\"a\tb\",erp-1\n", []Status{Unchanged}},
		{"behind a row that changes it", "groupId,name\n1,plain\n1,\"a\tb\"\n", []Status{Updated, Invalid}},
		{"behind a row that is refused", "groupId,name\n3,plain\n3,\"a\tb\"\n", []Status{Failed, Unchanged}},
		{"before a row that changes it", "groupId,name\n1,\"a\tb\"\n1,plain\n", []Status{Unchanged, Updated}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, c.input, ecwidtest.Options{Groups: []ecwidtest.Group{
					{ID: 1, Name: "a\tb", ExternalReferenceID: "erp-1"}, {ID: 2, Name: "a"}, {ID: 3, Name: "a\tb"},
				}})
				tr.server.SetFault(func(r ecwidtest.Request) ecwidtest.Fault {
					if strings.HasSuffix(r.Path, "/3") {
						return ecwidtest.Status(422, "", "refused")
					}
					return ecwidtest.Fault{}
				})
				if _, err := tr.run(tr.knowing()...); err != nil {
					t.Fatal(err)
				}
				for i, line := range tr.lines() {
					if !strings.Contains(line, ","+string(c.want[i])+",") {
						t.Errorf("record %d is %q, want %s", i+1, line, c.want[i])
					}
				}
			})
		})
	}
}
