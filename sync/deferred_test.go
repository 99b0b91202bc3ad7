package sync

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"

	"pgregory.net/rapid"
)

// chainOf returns an input with a row for each of the groups, in this order. It gives each group the external id of
// the group with the next number, and the last group a free id, or, in a cycle, that of the first.
func chainOf(groups []int, cycle bool) string {
	var b strings.Builder
	b.WriteString("groupId,externalReferenceId\n")
	next := map[int]string{}
	order := slices.Sorted(slices.Values(groups))
	for i, g := range order {
		next[g] = fmt.Sprintf("id-%d", g+1)
		if i == len(order)-1 {
			next[g] = "free"
			if cycle {
				next[g] = fmt.Sprintf("id-%d", order[0])
			}
		}
	}
	for _, g := range groups {
		fmt.Fprintf(&b, "%d,%s\n", g, next[g])
	}
	return b.String()
}

// Rows that transfer external ids between groups, in any order, cost at most five requests per row, whether or
// not the token may read groups.
func TestRequestsForTransfers(t *testing.T) {
	t.Parallel()
	ascending := func(n int) (groups []int) {
		for i := range n {
			groups = append(groups, i+1)
		}
		return groups
	}
	descending := func(n int) []int { g := ascending(n); slices.Reverse(g); return g }
	shuffled := func(n int) (groups []int) {
		for _, i := range rand.New(rand.NewPCG(1, uint64(n))).Perm(n) {
			groups = append(groups, i+1)
		}
		return groups
	}
	chain := func(order func(int) []int) func(int) string {
		return func(n int) string { return chainOf(order(n), false) }
	}
	permutation := func(n int) string {
		var b strings.Builder
		b.WriteString("groupId,externalReferenceId\n")
		for i, to := range rand.New(rand.NewPCG(2, uint64(n))).Perm(n) {
			fmt.Fprintf(&b, "%d,id-%d\n", i+1, to+1)
		}
		return b.String()
	}
	onlyUpdate := []string{"update_customers"}
	for _, c := range []struct {
		name   string
		input  func(n int) string
		scopes []string
		all    bool // every row is updated
	}{
		{"chain", chain(ascending), nil, true},
		{"chain, no scope to read", chain(ascending), onlyUpdate, true},
		{"chain from its end", chain(descending), nil, true},
		{"chain from its end, no scope to read", chain(descending), onlyUpdate, true},
		{"chain in any order", chain(shuffled), nil, true},
		{"chain in any order, no scope to read", chain(shuffled), onlyUpdate, false},
		{"cycle", func(n int) string { return chainOf(shuffled(n), true) }, nil, false},
		{"permutation", permutation, nil, false},
		{"permutation, no scope to read", permutation, onlyUpdate, false},
		{"permutation among other rows", func(n int) string { return among(permutation(n/2), n/2) }, nil, false},
		{"chain among other rows", func(n int) string { return among(chainOf(shuffled(n/2), false), n/2) }, nil, true},
	} {
		sizes := []int{100, 300, 1000}
		if c.scopes != nil {
			sizes = sizes[:2]
		}
		for _, n := range sizes {
			t.Run(fmt.Sprint(c.name, " of ", n), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					_, o := exchange(n, func(int) string { return "" })
					o.Scopes = c.scopes
					input := c.input(n)
					tr := newTrial(t, input, o)
					summary, err := tr.run(fast)
					rows := strings.Count(input, "\n") - 1
					if err != nil || summary.Requests > 5*rows || summary.Total() != rows {
						t.Errorf("%d requests for %d rows, %v, %v", summary.Requests, rows, summary.Rows, err)
					}
					if c.all && summary.Rows[journal.Updated] != rows {
						t.Errorf("got %v", summary.Rows)
					}
					t.Logf("%d requests for %d rows: %v", summary.Requests, rows, summary.Rows)
				})
			})
		}
	}
}

// among returns the input with a row that depends on no other row after each of its first n rows.
func among(input string, n int) string {
	var b strings.Builder
	for i, line := range strings.SplitAfter(input, "\n") {
		b.WriteString(line)
		if i > 0 && i < n {
			fmt.Fprintf(&b, "%d,other-%d\n", n+i+1, i)
		}
	}
	return b.String()
}

// Before a run sends a deferred row again, it calls a hook with the number of deferred rows.
func TestDeferredHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, o := exchange(3, func(int) string { return "" })
		tr := newTrial(t, chainOf([]int{1, 2, 3}, false), o)
		var calls []int
		if _, err := tr.run(fast, func(j *Job) {
			j.Concurrency = 1
			j.Hooks.Deferred = func(rows int) { calls = append(calls, rows) }
		}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(calls, []int{2, 1}) {
			t.Errorf("got %v, want 2 and 1", calls)
		}
	})
}

// The GET of the group of a deferred row may fail in any way, and the run continues.
func TestGETOfDeferredGroupFails(t *testing.T) {
	for name, fault := range map[string]ecwidtest.Fault{
		"refused":    ecwidtest.Status(400, "", ""),
		"error":      ecwidtest.Status(500, "", ""),
		"quota":      ecwidtest.RateLimited("1"),
		"connection": ecwidtest.Reset(),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, o := exchange(8, func(int) string { return "" })
				gets := map[int32]int{}
				o.Fault = func(r ecwidtest.Request) ecwidtest.Fault {
					if gets[r.GroupID]++; r.Method == http.MethodGet && gets[r.GroupID] <= 8 {
						return fault
					}
					return ecwidtest.Fault{}
				}
				tr := newTrial(t, chainOf([]int{3, 1, 4, 2, 6, 8, 7, 5}, false), o)
				summary, err := tr.run(fast)
				if err != nil || summary.Total() != 8 || name != "refused" && summary.Rows[journal.Updated] != 8 {
					t.Errorf("got %v, %v", summary.Rows, err)
				}
			})
		})
	}
}

// A row that fails with a 409 wants an id that another group holds at the end of the run. If an earlier row gave
// that group the id, the record names that row.
func TestRemainingConflicts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sc := draw(rt, true)
		sc.try(t, rt, func(tr *trial) error {
			summary, err := tr.run(func(j *Job) { j.Concurrency = 3 })
			if err != nil {
				return err
			}
			if summary.Requests > 5*len(sc.rows) {
				return fmt.Errorf("%d requests", summary.Requests)
			}
			holders := map[string]int32{}
			for _, g := range tr.server.Groups() {
				holders[g.ExternalReferenceID] = g.ID
			}
			records := tr.records()
			winners := map[string]int{} // the line of the row that gave a group its id
			for i, r := range records {
				if r[4] == string(journal.Updated) {
					winners[r[3]] = i + 2
				}
			}
			for i, r := range records {
				if r[6] != "409" {
					continue
				}
				id := func(g ecwidtest.Group) bool { return g.ExternalReferenceID == r[3] }
				holder := slices.IndexFunc(tr.server.Groups(), id)
				if holder < 0 || fmt.Sprint(holder) == r[1] {
					return fmt.Errorf("%q: no other group holds the id", r)
				}
				if k := slices.IndexFunc(sc.groups, id); k+1 == holder { // it held the id before
					continue
				}
				line := winners[r[3]]
				if line >= i+2 || !strings.Contains(r[8], fmt.Sprintf("given to group %d by line %d,", holder, line)) {
					return fmt.Errorf("%q: line %d got the id", r, line)
				}
			}
			return nil
		})
	})
}

// Even if a file repeats its groups and ids many times, every row is settled, with a bounded number of requests.
func TestConflictsAreSettled(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sc := draw(rt, false)
		sc.try(t, rt, func(tr *trial) error {
			summary, err := tr.run(func(j *Job) { j.Concurrency = 3 })
			if err != nil || summary.Total() != len(sc.rows) || summary.Requests > 6*len(sc.rows) {
				return fmt.Errorf("%d requests, %v, %v", summary.Requests, summary.Rows, err)
			}
			return nil
		})
	})
}
