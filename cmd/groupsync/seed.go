package main

import "groupsync/ecwid/ecwidtest"

// sandboxStore is the small store of the sandbox: the groups of testdata/groups.csv before they are
// renamed, and three that show with testdata/mixed.csv what else a store may answer: one holds an external
// id that another group wants, two are answered updateCount 0 and stay as they are.
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
