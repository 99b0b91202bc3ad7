package groupfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestDuplicates compares the result with that of simpleCheck, which keeps all values in maps.
func TestDuplicates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		byName := rapid.Bool().Draw(t, "by name")
		o := ReaderOptions{Name: "groups.csv", ClearBlank: rapid.Bool().Draw(t, "clear")}
		header := "groupId,externalReferenceId\n"
		if byName {
			o.Key, header = "name", "name,externalReferenceId\n"
		}
		groups, ids := rapid.IntRange(1, 15).Draw(t, "groups"), rapid.IntRange(1, 6).Draw(t, "ids")
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]int {
			return [2]int{rapid.IntRange(1, groups).Draw(t, "group"), rapid.IntRange(0, ids).Draw(t, "id")}
		}), 0, 40).Draw(t, "rows")
		var file strings.Builder
		file.WriteString(header)
		for _, r := range rows {
			id := ""
			if r[1] > 0 {
				id = "erp-" + strconv.Itoa(r[1])
			}
			fmt.Fprintf(&file, "%d,%s\n", r[0], id)
		}
		in, err := NewReader(t.Context(), strings.NewReader(file.String()), o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := CheckInput(in)
		if err != nil {
			t.Fatal(err)
		}
		want := got
		simpleCheck(t, &want, file.String(), o)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", file.String(), diff)
		}
	})
}

// simpleCheck finds repeated groups and conflicting ids with maps.
func simpleCheck(t *rapid.T, c *Check, file string, o ReaderOptions) {
	in, err := NewReader(t.Context(), strings.NewReader(file), o)
	if err != nil {
		t.Fatal(err)
	}
	type set struct {
		group, id string
		line      int
	}
	var sets []set
	lines := map[string][]int{}
	for row, err := range in.All() {
		if err != nil {
			t.Fatal(err)
		}
		if row.Err != nil {
			continue
		}
		group := row.Group()
		lines[group] = append(lines[group], row.Line)
		if !row.Update.ExternalReferenceID.IsZero() {
			sets = append(sets, set{group, row.Update.ExternalReferenceID.Value(), row.Line})
		}
	}
	c.Repeated = nil
	for group, at := range lines {
		if len(at) > 1 {
			c.Repeated = append(c.Repeated, Repeated{group, at})
		}
	}
	c.RepeatedGroups = len(c.Repeated)
	c.Repeated = firstExamples(c.Repeated, 1)

	current := map[string]string{} // group → id
	holders := map[string]set{}    // id → the row that assigned it
	conflicts := map[string]*Repeated{}
	c.Conflicts, c.Conflicting, c.Transferred = nil, 0, 0
	for i, s := range sets {
		if before, ok := holders[s.id]; ok && s.id != "" && before.group != s.group {
			changed := slices.ContainsFunc(sets[i:], func(x set) bool { return x.group == before.group && x.id != s.id })
			switch r := conflicts[s.id]; {
			case changed:
				c.Transferred++
			case r == nil:
				c.Conflicting++
				conflicts[s.id] = &Repeated{s.id, []int{before.line, s.line}}
			default:
				c.Conflicting++
				r.Lines = append(r.Lines, s.line)
			}
		}
		if old := current[s.group]; old != s.id && holders[old].group == s.group {
			delete(holders, old)
		}
		current[s.group] = s.id
		holders[s.id] = s
	}
	for _, r := range conflicts {
		c.Conflicts = append(c.Conflicts, *r)
	}
	c.ConflictingIDs = len(c.Conflicts)
	c.Conflicts = firstExamples(c.Conflicts, 1)
}

// firstExamples returns the first values by their line at an index, with as many lines as a check lists.
func firstExamples(all []Repeated, at int) []Repeated {
	slices.SortFunc(all, func(a, b Repeated) int { return a.Lines[at] - b.Lines[at] })
	all = all[:min(len(all), maxExamples)]
	for i := range all {
		all[i].Lines = all[i].Lines[:min(len(all[i].Lines), maxExampleLines)]
	}
	return all
}
