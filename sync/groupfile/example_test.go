package groupfile_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
)

// A row that cannot be sent has an error, and the rows after it are read.
func ExampleReader() {
	const file = "Customer groups of the shop\n\nGroup ID;Name\n9367001;VIP\nTotal;1\n"
	r, err := groupfile.NewReader(context.Background(), strings.NewReader(file), groupfile.ReaderOptions{Name: "groups.csv"})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	fmt.Printf("line %d: the header\n", r.HeaderLine())
	for row, err := range r.All() {
		switch {
		case err != nil:
			log.Fatal(err)
		case row.Err != nil:
			fmt.Printf("line %d: %v\n", row.Line, row.Err)
		default:
			fmt.Printf("line %d: group %d: %s\n", row.Line, row.ID, row.Update.Name.Value())
		}
	}
	// Output:
	// line 3: the header
	// line 4: group 9367001: VIP
	// line 5: groupId: "Total" is not a number: a group id consists of digits only
}

func ExampleWriteGroups() {
	groups := []ecwid.CustomerGroup{{ID: 9367001, Name: "VIP", ExternalReferenceID: "00017"}}
	if err := groupfile.WriteGroups(os.Stdout, groups); err != nil {
		log.Fatal(err)
	}
	// Output:
	// groupId,name,externalReferenceId
	// 9367001,VIP,00017
}
