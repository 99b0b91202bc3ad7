package sync_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
)

// A job sends a file with two rows to a store with two groups. The emulator stands in for Ecwid.
func ExampleJob_Run() {
	store := ecwidtest.NewServer(ecwidtest.Options{
		Groups: []ecwidtest.Group{{ID: 17, Name: "Wholesale"}, {ID: 18, Name: "Retail"}},
	})
	defer store.Close()
	token, err := ecwid.NewToken(store.Token())
	if err != nil {
		log.Fatal(err)
	}
	client, err := ecwid.New(ecwid.Config{Store: store.Store(), Token: token, BaseURL: store.URL})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	ctx := context.Background()
	file := strings.NewReader("groupId,name\n17,Resellers\n99,Unknown\n")
	input, err := groupfile.NewInput(ctx, file, groupfile.ReaderOptions{Name: "groups.csv"})
	if err != nil {
		log.Fatal(err)
	}
	defer input.Close()
	job := sync.Job{
		Input:   input,
		Client:  client,
		Results: journal.Results{Stdout: os.Stdout, StoreID: store.Store()},
	}
	summary, err := job.Run(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("good:", summary.Good())
	// Output:
	// line,groupId,name,externalReferenceId,status,updateCount,httpStatus,attempts,error,storeId
	// 2,17,Resellers,,updated,1,200,1,,1003
	// 3,99,Unknown,,failed,,404,1,Ecwid returned 404: Customer group #99 not found,1003
	// good: false
}
