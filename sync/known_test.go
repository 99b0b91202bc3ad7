package sync

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"groupsync/ecwid/ecwidtest"

	"github.com/google/go-cmp/cmp"
)

// puts are the PUTs that reached the store, as "id body".
func (tr *trial) puts() []string {
	var all []string
	for _, r := range tr.server.Requests() {
		if r.Method == "PUT" {
			all = append(all, fmt.Sprintf("%s %s", r.Path[strings.LastIndexByte(r.Path, '/')+1:], r.Body))
		}
	}
	return all
}

// knowing makes a job one that knows the store and can read its input again.
func (tr *trial) knowing(adapt ...func(*Job)) []func(*Job) {
	return append([]func(*Job){func(j *Job) {
		j.SkipUnchanged = true
		j.Again = func(ctx context.Context, read func(*Reader) error) error {
			in, err := tr.reader(ctx)
			if err != nil {
				return err
			}
			return read(in)
		}
	}}, adapt...)
}

// plan is what the job would do.
func (tr *trial) plan(adapt ...func(*Job)) ([]Step, Forecast) {
	tr.t.Helper()
	var steps []Step
	f, err := tr.job(tr.t.Context(), tr.knowing(adapt...)...).Plan(tr.t.Context(), func(s Step) error {
		steps = append(steps, s)
		return nil
	})
	if err != nil {
		tr.t.Fatal(err)
	}
	return steps, f
}

// storeOf is n groups, named and with external ids as [rows] has them.
func storeOf(n int) []ecwidtest.Group {
	var groups []ecwidtest.Group
	for i := range n {
		groups = append(groups, ecwidtest.Group{ID: int32(i + 1), Name: fmt.Sprintf("name %d", i+1), ExternalReferenceID: fmt.Sprintf("erp-%d", i+1)})
	}
	return groups
}

func TestSkipUnchanged(t *testing.T) {
	for _, c := range []struct {
		name, input string
		want        []string // the PUTs
		records     []string // without line and cells
	}{
		{
			"what the store holds needs no request",
			"groupId,name,externalReferenceId\n1,name 1,erp-1\n2,name 2,\n3,,erp-3\n",
			nil,
			[]string{"unchanged,,,0,,1003", "unchanged,,,0,,1003", "unchanged,,,0,,1003"},
		},
		{
			"a group that is not there needs none either",
			"groupId,name\n1,name 1\n99,x\n",
			nil,
			[]string{"unchanged,,,0,,1003", "failed,,404,0,the store has no group 99,1003"},
		},
		{
			"the store is followed: A, then again B, which it held at first",
			"groupId,name\n1,A\n1,name 1\n",
			[]string{`1 {"name":"A"}`, `1 {"name":"name 1"}`},
			[]string{"updated,1,200,1,,1003", "updated,1,200,1,,1003"},
		},
		{
			"what is sent is the whole row",
			"groupId,name,externalReferenceId\n1,new,erp-1\n",
			[]string{`1 {"name":"new","externalReferenceId":"erp-1"}`},
			[]string{"updated,1,200,1,,1003"},
		},
		{
			"a swap: the id is cleared first where it is",
			"groupId,externalReferenceId\n1,erp-2\n2,erp-1\n",
			[]string{`2 {"externalReferenceId":null}`, `1 {"externalReferenceId":"erp-2"}`, `2 {"externalReferenceId":"erp-1"}`},
			[]string{"updated,1,200,2,,1003", "updated,1,200,1,,1003"},
		},
		{
			"an id that an earlier row gives up needs no clearing",
			"groupId,externalReferenceId\n1,new\n2,erp-1\n",
			[]string{`1 {"externalReferenceId":"new"}`, `2 {"externalReferenceId":"erp-1"}`},
			[]string{"updated,1,200,1,,1003", "updated,1,200,1,,1003"},
		},
		{
			"an id that nobody gives up",
			"groupId,externalReferenceId\n1,erp-2\n2,erp-2\n",
			nil,
			[]string{`failed,,409,0,"externalReferenceId ""erp-2"" belongs to group 2, which does not give it up",1003`, "unchanged,,,0,,1003"},
		},
		{
			"an id whose holder would end without one, for the one it wants is kept",
			"groupId,externalReferenceId\n1,erp-2\n2,erp-3\n",
			nil,
			[]string{
				`failed,,409,0,"externalReferenceId ""erp-2"" belongs to group 2, which does not give it up",1003`,
				`failed,,409,0,"externalReferenceId ""erp-3"" belongs to group 3, which does not give it up",1003`,
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, c.input, ecwidtest.Options{Groups: storeOf(3)})
				_, forecast := tr.plan()
				if _, err := tr.run(tr.knowing()...); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, tr.puts()); diff != "" {
					t.Error(diff)
				}
				if forecast.Puts != len(c.want) {
					t.Errorf("the plan has %d PUTs, want %d", forecast.Puts, len(c.want))
				}
				var records []string
				for _, line := range tr.lines() {
					records = append(records, strings.SplitN(line, ",", 5)[4])
				}
				if diff := cmp.Diff(c.records, records); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}
