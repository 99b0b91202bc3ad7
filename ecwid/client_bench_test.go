package ecwid_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"groupsync/ecwid"
)

// BenchmarkUpdateCustomerGroup measures a PUT without a network: what the client adds to the transport.
func BenchmarkUpdateCustomerGroup(b *testing.B) {
	token, err := ecwid.NewToken("secret_benchmark")
	if err != nil {
		b.Fatal(err)
	}
	client, err := ecwid.New(ecwid.Config{Store: "1003", Token: token, Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"updateCount":1}`))}, nil
	})})
	if err != nil {
		b.Fatal(err)
	}
	update := ecwid.CustomerGroupUpdate{Name: ecwid.String("Customers, group 17"), ExternalReferenceID: ecwid.String("erp-0000017")}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.UpdateCustomerGroup(b.Context(), 17, update); err != nil {
			b.Fatal(err)
		}
	}
}
