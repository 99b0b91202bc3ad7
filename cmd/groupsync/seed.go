package main

import "groupsync/ecwid/ecwidtest"

// sandboxGroups is the small store of the sandbox: the groups of testdata/groups.csv before they are
// renamed, and one that holds an external id which a row of testdata/mixed.csv wants.
func sandboxGroups() []ecwidtest.Group {
	groups := []ecwidtest.Group{{ID: 9367900, Name: "Staff", ExternalReferenceID: "taken-by-another"}}
	for i, name := range []string{"VIP", "Wholesale", "Retail", "Loyal", "Berlin", "Moscow", "Tokyo", "Gold", "Silver", "Bronze", "Press", "Friends"} {
		groups = append(groups, ecwidtest.Group{ID: 9367001 + int32(i), Name: name})
	}
	return groups
}
