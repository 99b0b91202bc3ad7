package sync

import (
	"strings"
	"testing"
	"testing/synctest"

	"groupsync/ecwid/ecwidtest"

	"github.com/google/go-cmp/cmp"
)

// Groups are found by a column other than groupId, and the results contain their ids.
func TestKey(t *testing.T) {
	store := []ecwidtest.Group{
		{ID: 1, Name: "VIP", ExternalReferenceID: "0017"},
		{ID: 2, Name: "Wholesale", ExternalReferenceID: "b"},
		{ID: 3, Name: "Twin"},
		{ID: 4, Name: "Twin"},
	}
	for _, c := range []struct {
		name, key, input string
		want             []string // the PUTs
		records          []string // without line and storeId
	}{
		{
			"by external id; the column groupId is absent, and the key is not sent",
			"externalReferenceId", "externalReferenceId,name\n0017,Gold\nb,Wholesale\n",
			[]string{`1 {"name":"Gold"}`, `2 {"name":"Wholesale"}`},
			[]string{"1,Gold,0017,updated,1,200,1,", "2,Wholesale,b,updated,1,200,1,"},
		},
		{
			"by name",
			"name", "name,externalReferenceId\nVIP,new\n",
			[]string{`1 {"name":"VIP","externalReferenceId":"new"}`},
			[]string{"1,VIP,new,updated,1,200,1,"},
		},
		{
			"a groupId that is not empty has to match",
			"externalReferenceId", "groupId,externalReferenceId,name\n1,0017,Gold\n2,0017,Gold\nx,0017,Gold\n",
			[]string{`1 {"name":"Gold"}`},
			[]string{
				"1,Gold,0017,updated,1,200,1,",
				`2,Gold,0017,invalid,,,0,"externalReferenceId: ""0017"" belongs to group 1, but groupId is 2"`,
				`x,Gold,0017,invalid,,,0,"groupId: ""x"" is not a number: a group id consists of digits only"`,
			},
		},
		{
			"keys that identify no group, or several",
			"name", "groupId,name,externalReferenceId\n,Twin,a\n4,Twin,c\n,Nobody,d\n,,e\n,General,f\n",
			[]string{`4 {"name":"Twin","externalReferenceId":"c"}`},
			[]string{
				`,Twin,a,invalid,,,0,"name: 2 groups have ""Twin"": 3, 4: choose one of them with a groupId"`,
				"4,Twin,c,updated,1,200,1,",
				`,Nobody,d,invalid,,,0,"name: no group of the store has ""Nobody"""`,
				",,e,invalid,,,0,name: it is empty: every row needs the name of its group",
				`,General,f,invalid,,,0,"name: ""General"" belongs to the store's default group, which is never changed: remove the row"`,
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, c.input, ecwidtest.Options{Groups: store})
				tr.key = c.key
				for _, limit := range []int{1, 0, 0} { // stopped, resumed, and with nothing left to do
					_, err := tr.run(tr.listing(func(j *Job) { j.Limit, j.SkipUnchanged, j.Concurrency = limit, false, 1 })...)
					if err != nil && limit == 0 {
						t.Fatal(err)
					}
				}
				if diff := cmp.Diff(c.want, tr.puts()); diff != "" {
					t.Error(diff)
				}
				var records []string
				for _, line := range tr.lines() {
					_, cells, _ := strings.Cut(line, ",")
					records = append(records, strings.TrimSuffix(cells, ",1003"))
				}
				if diff := cmp.Diff(c.records, records); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}
