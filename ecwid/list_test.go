package ecwid_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"groupsync/ecwid"

	"pgregory.net/rapid"
)

// listed is a list in which groups come and go.
type listed []ecwid.CustomerGroup

func groupsFrom(first, n int) (all listed) {
	for i := range n {
		all = append(all, ecwid.CustomerGroup{ID: int32(first + i)})
	}
	return all
}

func (l listed) page(offset int) ecwid.CustomerGroupPage {
	from := min(offset, len(l))
	return ecwid.CustomerGroupPage{Items: slices.Clone(l[from:min(from+ecwid.PageSize, len(l))]), Total: len(l)}
}

// Groups are created and deleted between the pages, anywhere: none comes twice, and none is missing that was
// there all the time.
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
			if pages++; pages > 1 && pages < 9 { // then it comes to rest
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
		for g, err := range ecwid.CustomerGroups(fetch, false) {
			if err != nil {
				t.Fatal(err)
			}
			if got[g.ID] {
				t.Fatalf("group %d came twice", g.ID)
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
		{"one page", 100, 1, 1},
		{"one more", 101, 2, 2},
		{"two pages, or three with a group of each in common with the one before", 200, 3, 2},
		{"ten thousand and the default one", 10_001, 102, 101},
	} {
		for _, quick := range []bool{false, true} {
			list, pages, got := groupsFrom(0, c.groups), 0, 0
			for _, err := range ecwid.CustomerGroups(func(offset int) (ecwid.CustomerGroupPage, error) {
				pages++
				return list.page(offset), nil
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

// A quick list reads again from further ahead when its total says that groups have moved.
func TestQuickCustomerGroups(t *testing.T) {
	list, pages := groupsFrom(0, 300), 0
	var got []int32
	for g, err := range ecwid.CustomerGroups(func(offset int) (ecwid.CustomerGroupPage, error) {
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
			t.Fatalf("group %d came where %d should", id, i)
		}
	}
	if len(got) != 300 {
		t.Errorf("%d groups, want 300", len(got))
	}
}

// A server that lies costs some requests, and an error.
func TestCustomerGroupsOfALiar(t *testing.T) {
	boom := errors.New("boom")
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
		{"the total is too great", func(offset int) (ecwid.CustomerGroupPage, error) {
			page := groupsFrom(0, 150).page(offset)
			page.Total = 1000
			return page, nil
		}, ""},
		{"an error", func(offset int) (ecwid.CustomerGroupPage, error) {
			return groupsFrom(0, 150).page(offset), map[bool]error{true: boom}[offset > 0]
		}, "boom"},
	} {
		pages := 0
		var last error
		for _, last = range ecwid.CustomerGroups(func(offset int) (ecwid.CustomerGroupPage, error) {
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
