package ecwid_test

import (
	"errors"
	"testing"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
)

func TestProfile(t *testing.T) {
	for name, c := range map[string]struct {
		options          ecwidtest.Options
		storeName        string
		suspended, lacks bool
	}{
		"named":     {options: ecwidtest.Options{StoreName: "Anna's Teeladen"}, storeName: "Anna's Teeladen"},
		"suspended": {options: ecwidtest.Options{Suspended: true}, suspended: true},
		"no plan":   {options: ecwidtest.Options{NoCustomerGroups: true}, lacks: true},
		// An empty response does not mean that the store lacks anything.
		"empty": {options: respond(ecwidtest.Body(`{}`))},
		// The server echoes the token: no value shows it.
		"token": {options: respond(ecwidtest.Body(`{"settings":{"storeName":"secret_sandbox"}}`)), storeName: "[token]"},
	} {
		got, err := newClient(t, newServer(t, c.options)).Profile(t.Context())
		if err != nil || got.StoreName != c.storeName || got.Suspended != c.suspended || got.LacksCustomerGroups() != c.lacks {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestProfileNotFound(t *testing.T) {
	_, err := newClient(t, newServer(t, ecwidtest.Options{NoProfile: true})).Profile(t.Context())
	if !errors.Is(err, ecwid.ErrRefused) || errors.Is(err, ecwid.ErrGroupNotFound) {
		t.Errorf("got %v", err)
	}
}
