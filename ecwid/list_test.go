package ecwid_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"

	"pgregory.net/rapid"
)

// list contains the groups of a store.
type list []ecwid.CustomerGroup

func groupsFrom(first, n int) (all list) {
	for i := range n {
		all = append(all, ecwid.CustomerGroup{ID: int32(first + i)})
	}
	return all
}

func (l list) page(offset int) ecwid.CustomerGroupPage {
	from := min(offset, len(l))
	return ecwid.CustomerGroupPage{Items: slices.Clone(l[from:min(from+ecwid.PageSize, len(l))]), Total: len(l)}
}

// customerGroups returns the groups of the pages that fetch returns.
func customerGroups(fetch func(offset int) (ecwid.CustomerGroupPage, error), quick bool) iter.Seq2[ecwid.CustomerGroup, error] {
	return new(ecwid.Client).CustomerGroups(context.Background(), ecwid.ListOptions{
		Fetch: func(_ context.Context, offset int) (ecwid.CustomerGroupPage, error) { return fetch(offset) },
		Quick: quick,
	})
}

// Groups are created and deleted between the pages, anywhere: none is returned twice, and none is missing that
// existed all the time.
func TestCustomerGroupsWhileTheyChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := groupsFrom(0, rapid.IntRange(0, 700).Draw(t, "groups"))
		next := int32(len(list))
		stayed := map[int32]bool{}
		for _, g := range list {
			stayed[g.ID] = true
		}
		pages := 0
		fetch := func(offset int) (ecwid.CustomerGroupPage, error) {
			if pages++; pages > 1 && pages < 9 { // then it stays the same
				for range rapid.IntRange(0, 3).Draw(t, "deleted") {
					if len(list) > 0 {
						i := rapid.IntRange(0, len(list)-1).Draw(t, "which")
						delete(stayed, list[i].ID)
						list = slices.Delete(list, i, i+1)
					}
				}
				for range rapid.IntRange(0, 3).Draw(t, "created") {
					i := len(list)
					if rapid.Bool().Draw(t, "not at the end") {
						i = rapid.IntRange(0, len(list)).Draw(t, "where")
					}
					list = slices.Insert(list, i, ecwid.CustomerGroup{ID: next})
					next++
				}
			}
			return list.page(offset), nil
		}
		got := map[int32]bool{}
		for g, err := range customerGroups(fetch, false) {
			if err != nil {
				t.Fatal(err)
			}
			if got[g.ID] {
				t.Fatalf("group %d was returned twice", g.ID)
			}
			got[g.ID] = true
		}
		for id := range stayed {
			if !got[id] {
				t.Fatalf("group %d is missing", id)
			}
		}
	})
}

func TestCustomerGroupsPages(t *testing.T) {
	for _, c := range []struct {
		name           string
		groups         int
		careful, quick int // pages
	}{
		{"none", 0, 1, 1},
		{"one page that is not full", 99, 1, 1},
		{"one full page, and a page of its last group", 100, 2, 2},
		{"one group more", 101, 2, 2},
		{"two full pages", 200, 3, 3},
		{"ten thousand and the default group", 10_001, 102, 101},
	} {
		for _, quick := range []bool{false, true} {
			all, pages, got := groupsFrom(0, c.groups), 0, 0
			for _, err := range customerGroups(func(offset int) (ecwid.CustomerGroupPage, error) {
				pages++
				return all.page(offset), nil
			}, quick) {
				if err != nil {
					t.Fatal(err)
				}
				got++
			}
			want := c.careful
			if quick {
				want = c.quick
			}
			if got != c.groups || pages != want {
				t.Errorf("%s, quick %v: %d groups in %d pages, want %d in %d", c.name, quick, got, pages, c.groups, want)
			}
		}
	}
}

// A quick list is read again from an earlier offset when its total shows that groups have moved.
func TestCustomerGroupsQuick(t *testing.T) {
	list, pages := groupsFrom(0, 300), 0
	var got []int32
	for g, err := range customerGroups(func(offset int) (ecwid.CustomerGroupPage, error) {
		if pages++; pages == 2 {
			list = slices.Delete(list, 5, 7)
		}
		return list.page(offset), nil
	}, true) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, g.ID)
	}
	for i, id := range got {
		if id != int32(i) {
			t.Fatalf("got group %d, want %d", id, i)
		}
	}
	if len(got) != 300 {
		t.Errorf("%d groups, want 300", len(got))
	}
}

// Many groups are deleted at once, as during a pause: the list is read again from an offset that is early enough.
func TestCustomerGroupsAfterManyDeletions(t *testing.T) {
	for _, deleted := range []int{1, 500, 2100, 9000, 19_000} {
		list, pages, got := groupsFrom(0, 25_000), 0, map[int32]bool{}
		for g, err := range customerGroups(func(offset int) (ecwid.CustomerGroupPage, error) {
			if pages++; pages == 200 {
				list = slices.Delete(list, 5, 5+deleted)
			}
			return list.page(offset), nil
		}, false) {
			if err != nil {
				t.Fatalf("%d deleted: %v", deleted, err)
			}
			got[g.ID] = true
		}
		for _, g := range list {
			if !got[g.ID] {
				t.Fatalf("%d deleted: group %d is missing", deleted, g.ID)
			}
		}
		if pages > 500 {
			t.Errorf("%d deleted: %d pages", deleted, pages)
		}
	}
}

// A wrong total hides no group, and only a page that is not full ends the list: a total without the
// default group neither loses a group nor costs an additional request.
func TestCustomerGroupsWithWrongTotal(t *testing.T) {
	for _, groups := range []int{99, 100, 101, 200, 350} {
		for _, total := range []int{-1, 0, 50, 100, 120, groups - 1, groups, groups + 1, 1000} {
			for _, quick := range []bool{false, true} {
				got, pages := 0, 0
				for _, err := range customerGroups(func(offset int) (ecwid.CustomerGroupPage, error) {
					pages++
					page := groupsFrom(0, groups).page(offset)
					page.Total = total
					return page, nil
				}, quick) {
					if err != nil {
						t.Fatalf("total %d: %v", total, err)
					}
					got++
				}
				if got != groups {
					t.Errorf("total %d, quick %v: %d groups of %d", total, quick, got, groups)
				}
				if want := groups/99 + 1; total == groups-1 && pages > want {
					t.Errorf("total %d of %d groups, quick %v: %d pages, want %d", total, groups, quick, pages, want)
				}
			}
		}
	}
}

// A server may put fewer groups on a page than the client asked for, with or without a limit in the response.
func TestCustomerGroupsOnSmallPages(t *testing.T) {
	for _, size := range []int{1, 10, 50} {
		for _, limit := range []int{0, size, 100, 1000} {
			list, got := groupsFrom(0, 200), 0
			for _, err := range customerGroups(func(offset int) (ecwid.CustomerGroupPage, error) {
				from := min(offset, len(list))
				items := slices.Clone(list[from:min(from+size, len(list))])
				return ecwid.CustomerGroupPage{Items: items, Total: len(list), Limit: limit}, nil
			}, false) {
				if err != nil {
					t.Fatal(err)
				}
				got++
			}
			if got != 200 {
				t.Errorf("%d on a page, limit %d: %d groups of 200", size, limit, got)
			}
		}
	}
}

// A page may hold 100 groups with the longest names and external ids.
func TestCustomerGroupPageOfLongNames(t *testing.T) {
	var groups []ecwidtest.Group
	for i := range ecwid.PageSize {
		long := strings.Repeat("\x01", 64<<10-8) + fmt.Sprintf("%08d", i)
		groups = append(groups, ecwidtest.Group{ID: int32(i + 1), Name: long, ExternalReferenceID: long})
	}
	server := ecwidtest.NewServer(ecwidtest.Options{Groups: groups})
	defer server.Close()
	page, err := newClient(t, server).CustomerGroupPage(t.Context(), 1)
	if err != nil || len(page.Items) != ecwid.PageSize || page.Limit != ecwid.PageSize {
		t.Errorf("%d groups, limit %d, %v", len(page.Items), page.Limit, err)
	}
}

func TestCustomerGroupPage(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		// an external id may be missing, but an id may not: 0 is the default group
		{`{"total":2,"items":[{"id":0,"name":"General"},{"id":5,"name":"a"}]}`, ""},
		{`{"total":2,"items":[{"id":5,"name":"a"},{"name":"b"}]}`, "a group without an id"},
		{`{"total":1,"items":[{"id":null,"name":"b"}]}`, "a group without an id"},
		// must not be truncated to the id of another group
		{`{"total":1,"items":[{"id":4294967301,"name":"b"}]}`, "a group with the id 4294967301: ids are from 0 to 2147483647"},
		{`{"total":1,"items":[{"id":-5,"name":"b"}]}`, "a group with the id -5"},
		{`{"total":1,"items":[{"id":5.5,"name":"b"}]}`, "does not have the expected form"},
		{`{"total":1,"items":[{"id":"5","name":"b"}]}`, "does not have the expected form"},
		// a store has at least its default group
		{`{"total":300}`, "is empty, although its total is 300"},
		{`{"items":[]}`, "has no total"},
		{`{"total":0,"items":[]}`, ""},
	} {
		server := newServer(t, ecwidtest.Options{Fault: func(ecwidtest.Request) ecwidtest.Fault { return ecwidtest.Body(c.body) }})
		_, err := newClient(t, server).CustomerGroupPage(t.Context(), 0)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.body, err)
			}
			continue
		}
		if _, ok := errors.AsType[*ecwid.NoResponseError](err); !ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.body, err, c.want)
		}
	}
}

// A server that contradicts itself costs a bounded number of requests.
func TestCustomerGroupsContradiction(t *testing.T) {
	failure := errors.New("boom")
	for _, c := range []struct {
		name  string
		fetch func(offset int) (ecwid.CustomerGroupPage, error)
		want  string
	}{
		{"every page is the first", func(int) (ecwid.CustomerGroupPage, error) {
			return ecwid.CustomerGroupPage{Items: groupsFrom(0, 100), Total: 1 << 30}, nil
		}, "changes faster than it can be read"},
		{"pages have nothing to do with each other", func(offset int) (ecwid.CustomerGroupPage, error) {
			return ecwid.CustomerGroupPage{Items: groupsFrom(1000*offset, 100), Total: 1 << 30}, nil
		}, "changes faster than it can be read"},
		{"the total is too large", func(offset int) (ecwid.CustomerGroupPage, error) {
			page := groupsFrom(0, 150).page(offset)
			page.Total = 1000
			return page, nil
		}, ""},
		{"an error", func(offset int) (ecwid.CustomerGroupPage, error) {
			return groupsFrom(0, 150).page(offset), map[bool]error{true: failure}[offset > 0]
		}, "boom"},
	} {
		pages := 0
		var last error
		for _, last = range customerGroups(func(offset int) (ecwid.CustomerGroupPage, error) {
			pages++
			return c.fetch(offset)
		}, false) {
		}
		got := ""
		if last != nil {
			got = last.Error()
		}
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) || pages > 60 {
			t.Errorf("%s: %q after %d pages, want %q", c.name, got, pages, c.want)
		}
	}
}
