package main

import (
	"context"
	"fmt"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/groupfile"
)

// sandboxStore returns the small store of the sandbox. It has the groups of testdata/groups.csv under their old names,
// and three more for testdata/mixed.csv: one has an external id that another row needs, and the store refuses to update
// the other two, with updateCount 0.
func sandboxStore() ecwidtest.Options {
	groups := []ecwidtest.Group{
		{ID: 9367900, Name: "Staff", ExternalReferenceID: "taken-by-another"},
		{ID: 9367901, Name: "Suppliers", ExternalReferenceID: "erp-0901"},
		{ID: 9367902, Name: "Auditors"},
	}
	for i, name := range []string{"VIP", "Wholesale", "Retail", "Loyal", "Berlin", "Moscow", "Tokyo", "Gold", "Silver", "Bronze", "Press", "Friends"} {
		groups = append(groups, ecwidtest.Group{ID: 9367001 + int32(i), Name: name})
	}
	return ecwidtest.Options{Groups: groups, ZeroUpdate: ecwidtest.ZeroRefused, Refused: []int32{9367901, 9367902}}
}

// missingSandboxGroup is an id in testdata/mixed.csv that no group of the sandbox has.
const missingSandboxGroup = 9999999

// firstSandboxID is the first id for groups of the sandbox that an input finds by their names or external ids.
const firstSandboxID = 5001

// addGroups adds the groups of the rows to the store of --sandbox, so that it accepts any file. Each group that the
// store does not have gets a name such as "Group 5001", or the name or external id by which the rows find it.
func addGroups(ctx context.Context, store *ecwidtest.Server, in *groupfile.Input, key string) error {
	ids, keys := map[int32]bool{missingSandboxGroup: true}, map[string]bool{}
	keyOf := func(g ecwidtest.Group) string {
		if key == "name" {
			return g.Name
		}
		return g.ExternalReferenceID
	}
	for _, g := range store.Groups() {
		ids[g.ID], keys[keyOf(g)] = true, true
	}
	next := int32(firstSandboxID)
	return in.Again(ctx, func(rows *groupfile.Reader) error {
		for row, err := range rows.All() {
			if err != nil {
				return err
			}
			g := ecwidtest.Group{ID: row.ID}
			switch {
			case row.Err != nil, row.Key == "" && ids[row.ID], row.Key != "" && keys[row.Key]:
				continue
			case row.Key != "":
				for ids[next] {
					next++
				}
				g.ID = next
			}
			g.Name = fmt.Sprintf("Group %d", g.ID)
			switch {
			case row.Key == "":
			case key == "name":
				g.Name = row.Key
			default:
				g.ExternalReferenceID = row.Key
			}
			ids[g.ID], keys[row.Key] = true, true
			store.SetGroup(g)
		}
		return nil
	})
}
