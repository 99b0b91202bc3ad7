package ecwid_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
)

// exampleStore returns an emulated store and a client for it. A program passes the id and the token of its own store.
func exampleStore() (*ecwidtest.Server, *ecwid.Client) {
	server := ecwidtest.NewServer(ecwidtest.Options{Groups: []ecwidtest.Group{
		{ID: 17, Name: "VIP", ExternalReferenceID: "erp-17"},
		{ID: 18, Name: "Trade"},
	}})
	token, err := ecwid.NewToken(server.Token())
	if err != nil {
		log.Fatal(err)
	}
	client, err := ecwid.New(ecwid.Config{Store: server.Store(), Token: token, BaseURL: server.URL})
	if err != nil {
		log.Fatal(err)
	}
	return server, client
}

func ExampleClient_UpdateCustomerGroup() {
	server, client := exampleStore()
	defer server.Close()
	defer client.Close()

	// Only the fields that are set are sent; Null clears one.
	count, err := client.UpdateCustomerGroup(context.Background(), 17, ecwid.CustomerGroupUpdate{
		Name:                ecwid.String("VIP customers"),
		ExternalReferenceID: ecwid.Null(),
	})
	fmt.Println(count, err)
	fmt.Println(server.Requests()[0].Body)
	// Output:
	// 1 <nil>
	// {"name":"VIP customers","externalReferenceId":null}
}

func ExampleClient_CustomerGroups() {
	server, client := exampleStore()
	defer server.Close()
	defer client.Close()

	for group, err := range client.CustomerGroups(context.Background(), ecwid.ListOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d %q %q\n", group.ID, group.Name, group.ExternalReferenceID)
	}
	// Output:
	// 0 "General" ""
	// 17 "VIP" "erp-17"
	// 18 "Trade" ""
}

func ExampleError() {
	server, client := exampleStore()
	defer server.Close()
	defer client.Close()

	_, err := client.CustomerGroup(context.Background(), 99)
	fmt.Println(errors.Is(err, ecwid.ErrGroupNotFound))
	if response, ok := errors.AsType[*ecwid.Error](err); ok {
		fmt.Println(response.Method, response.Path)
		fmt.Println(response)
	}
	// Output:
	// true
	// GET /customer_groups/99
	// Ecwid returned 404: Customer group #99 not found
}
