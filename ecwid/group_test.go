package ecwid_test

import (
	"testing"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"

	"github.com/google/go-cmp/cmp"
)

func TestUpdateCustomerGroup(t *testing.T) {
	for _, c := range []struct {
		update ecwid.CustomerGroupUpdate
		body   string
		group  ecwidtest.Group
	}{
		{ // an absent field keeps its value
			ecwid.CustomerGroupUpdate{Name: ecwid.String("Großkunden")},
			`{"name":"Großkunden"}`,
			ecwidtest.Group{ID: vip, Name: "Großkunden", ExternalReferenceID: "erp-1"},
		},
		{ // external ids are text: leading zeros stay
			ecwid.CustomerGroupUpdate{Name: ecwid.String("a"), ExternalReferenceID: ecwid.String("0017")},
			`{"name":"a","externalReferenceId":"0017"}`,
			ecwidtest.Group{ID: vip, Name: "a", ExternalReferenceID: "0017"},
		},
		{ // null clears
			ecwid.CustomerGroupUpdate{ExternalReferenceID: ecwid.Null()},
			`{"externalReferenceId":null}`,
			ecwidtest.Group{ID: vip, Name: "VIP"},
		},
	} {
		server := newServer(t, ecwidtest.Options{})
		count, err := newClient(t, server).UpdateCustomerGroup(t.Context(), vip, c.update)
		if count != 1 || err != nil {
			t.Errorf("%s: got %d, %v", c.body, count, err)
		}
		request := server.Requests()[0]
		if request.Body != c.body {
			t.Errorf("sent %s, want %s", request.Body, c.body)
		}
		if diff := cmp.Diff(c.group, server.Groups()[1]); diff != "" {
			t.Error(diff)
		}
		for name, want := range map[string]string{
			"Authorization": "Bearer " + server.Token(),
			"Content-Type":  "application/json; charset=utf-8",
			"User-Agent":    "groupsync/test",

			"Accept-Encoding":        "identity",
			"X-Ecwid-Api-Request-Id": "1f2e3d4c",
		} {
			if got := request.Header.Get(name); got != want {
				t.Errorf("%s: sent %q, want %q", name, got, want)
			}
		}
	}
}

func TestCustomerGroup(t *testing.T) {
	client := newClient(t, newServer(t, ecwidtest.Options{Groups: []ecwidtest.Group{{ID: 5, Name: "no external id"}}}))
	for _, want := range []ecwid.CustomerGroup{{ID: vip, Name: "VIP", ExternalReferenceID: "erp-1"}, {ID: 5, Name: "no external id"}} {
		got, err := client.CustomerGroup(t.Context(), want.ID)
		if got != want || err != nil {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
}
