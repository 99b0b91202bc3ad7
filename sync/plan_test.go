package sync

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/plan"
)

// A run is refused, and sends nothing, if its plan is too large or not the expected one.
func TestRefusedPlan(t *testing.T) {
	const input = "groupId,name\n1,new\n2,name 2\n3,new\n"
	parseLimit := func(s string) plan.Limit {
		limit, err := plan.ParseLimit(s)
		if err != nil {
			t.Fatal(err)
		}
		return limit
	}
	for _, c := range []struct {
		name  string
		adapt func(*Job)
		want  string // "": the run begins
	}{
		{"as many as the plan has", func(j *Job) { j.MaxChanges = parseLimit("2") }, ""},
		{"one less", func(j *Job) { j.MaxChanges = parseLimit("1") }, "the plan has 2 changes, but the limit for this store of 10 groups is 1: nothing was sent"},
		{"none", func(j *Job) { j.MaxChanges = parseLimit("0") }, "the plan has 2 changes"},
		{"a percentage", func(j *Job) { j.MaxChanges = parseLimit("20%") }, ""},
		{"too small a percentage", func(j *Job) { j.MaxChanges = parseLimit("19.9%") }, "is 19.9%: nothing was sent"},
		{"another digest", func(j *Job) { j.Expect = "0123456789abcdef01234567" }, "the plan is not the expected one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, input, ecwidtest.Options{Groups: storeOf(10)})
				_, err := tr.run(tr.listing(c.adapt)...)
				if c.want == "" {
					if err != nil || len(tr.puts()) != 2 {
						t.Fatal(err, tr.puts())
					}
					return
				}
				if _, refused := errors.AsType[*PlanError](err); !refused || !strings.Contains(err.Error(), c.want) {
					t.Errorf("the error is %v, want %q", err, c.want)
				}
				if len(tr.puts()) > 0 {
					t.Errorf("%q were sent", tr.puts())
				}
				if _, err := os.Stat(tr.path); err == nil {
					t.Error("a results file is left behind")
				}
			})
		})
	}
}

// Two plans have the same digest only if they are the same.
func TestExpect(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*trial)
		same   bool
	}{
		{"nothing has changed", func(*trial) {}, true},
		{"a group that the plan does not touch was renamed", func(tr *trial) {
			tr.server.SetGroup(ecwidtest.Group{ID: 5, Name: "somebody else's"})
		}, true},
		{"a group of the plan was renamed", func(tr *trial) {
			tr.server.SetGroup(ecwidtest.Group{ID: 1, Name: "somebody else's", ExternalReferenceID: "erp-1"})
		}, false},
		{"a group was renamed that the file does not change", func(tr *trial) {
			tr.server.SetGroup(ecwidtest.Group{ID: 2, Name: "somebody else's", ExternalReferenceID: "erp-2"})
		}, false},
		{"a group of the plan was deleted", func(tr *trial) { tr.server.DeleteGroup(1) }, false},
		{"the file has changed", func(tr *trial) { tr.input = strings.Replace(tr.input, "new", "newer", 1) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, "groupId,name\n1,new\n2,name 2\n3,new\n", ecwidtest.Options{Groups: storeOf(5)})
				_, totals := tr.plan()
				c.change(tr)
				_, err := tr.run(tr.listing(func(j *Job) { j.Expect = totals.Digest })...)
				_, refused := errors.AsType[*PlanError](err)
				if refused == c.same || refused != (len(tr.puts()) == 0) {
					t.Errorf("refused: %v (%v), PUTs %q", refused, err, tr.puts())
				}
			})
		})
	}
}

// A run with a limit expects the digest of the whole file.
func TestExpectWithLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, "groupId,name\n1,new\n2,new\n3,new\n", ecwidtest.Options{Groups: storeOf(5)})
		_, whole := tr.plan()
		entries, part := tr.plan(func(j *Job) { j.Limit = 1 })
		if whole.Digest != part.Digest || part.Puts != 1 || len(entries) != 1 {
			t.Fatal(whole, part, entries)
		}
		for i, expected := range []string{whole.Digest, "another"} {
			tr.path += "."
			_, err := tr.run(tr.listing(func(j *Job) { j.Limit, j.Expect = 1, expected })...)
			if _, refused := errors.AsType[*PlanError](err); refused != (i == 1) {
				t.Errorf("%s: %v", expected, err)
			}
			tr.server.SetGroup(ecwidtest.Group{ID: 1, Name: "name 1", ExternalReferenceID: "erp-1"})
		}
	})
}

// Before a run sends anything, it counts the whole rest of the plan, regardless of its limit.
func TestMaxChangesCountsRemainingRows(t *testing.T) {
	maxChanges := func(n float64) func(*Job) { return func(j *Job) { j.MaxChanges = plan.Limit{Number: n, Set: true} } }
	limit := func(j *Job) { j.Limit = 4 }
	for _, c := range []struct {
		name        string
		first, then []func(*Job)
		want        string // "": the run begins
		puts        int
	}{
		{"a limited run of a plan that is too large", []func(*Job){limit, maxChanges(9)}, nil, "the plan has 10 changes, but the limit for this store of 10 groups is 9: nothing was sent", 0},
		{"the rest after a limited run", []func(*Job){limit}, []func(*Job){maxChanges(5)}, "the rest of the plan has 6 changes, but the limit for this store of 10 groups is 5: nothing more was sent", 4},
		{"another limited run", []func(*Job){limit}, []func(*Job){limit, maxChanges(5)}, "the rest of the plan has 6 changes", 4},
		{"the rest, which is allowed", []func(*Job){limit}, []func(*Job){maxChanges(6)}, "", 10},
		{"the rest that changes groups a second time", []func(*Job){func(j *Job) { j.Limit = 6 }}, []func(*Job){maxChanges(4)}, "", 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// Each group is renamed twice: if settled rows were counted, they would change the store again.
				tr := newTrial(t, "groupId,name\n1,a\n2,a\n3,a\n4,a\n5,a\n1,b\n2,b\n3,b\n4,b\n5,b\n", ecwidtest.Options{Groups: storeOf(10)})
				_, err := tr.run(tr.listing(c.first...)...)
				if c.then != nil {
					_, err = tr.run(tr.listing(c.then...)...)
				}
				_, refused := errors.AsType[*PlanError](err)
				if refused != (c.want != "") || refused && !strings.Contains(err.Error(), c.want) || !refused && err != nil {
					t.Errorf("got %v, want %q", err, c.want)
				}
				if n := len(tr.puts()); n != c.puts {
					t.Errorf("%d PUTs, want %d", n, c.puts)
				}
			})
		})
	}
}

// A run that was stopped can be continued, although the rest of its plan has a different digest.
func TestExpectIsNotComparedOnResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(20), ecwidtest.Options{AnyGroup: true, Groups: storeOf(20)})
		tr.input = strings.ReplaceAll(tr.input, "name", "new name")
		tr.input = strings.Replace(tr.input, "new name", "name", 1) // in the header
		_, totals := tr.plan()
		adapt := tr.listing(func(j *Job) { j.Expect = totals.Digest })
		if _, err := tr.run(append(adapt, func(j *Job) { j.Limit = 5 })...); err == nil {
			t.Fatal("the limit did not end the run")
		}
		if _, err := tr.run(adapt...); err != nil {
			t.Fatal(err)
		}
		if len(tr.puts()) != 20 {
			t.Errorf("%d PUTs, want 20", len(tr.puts()))
		}
	})
}

// The Planned hook is called even if the run is refused because of its plan.
func TestPlanned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, "groupId,name\n1,new 1\n2,new 2\n", ecwidtest.Options{Groups: storeOf(2)})
		_, want := tr.plan()
		digest := ""
		_, err := tr.run(tr.listing(func(j *Job) {
			j.Expect = "another"
			j.Hooks.Planned = func(t plan.Totals) { digest = t.Digest }
		})...)
		if _, refused := errors.AsType[*PlanError](err); !refused || digest != want.Digest {
			t.Errorf("got the digest %q and %v, want %q", digest, err, want.Digest)
		}
	})
}
