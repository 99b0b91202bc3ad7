package ecwid_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
)

func TestNewToken(t *testing.T) {
	for _, bad := range []string{"", "public_abc", "secret_a b", "secret_a\n", "secret_ä"} {
		if _, err := ecwid.NewToken(bad); err == nil {
			t.Errorf("the token %q was accepted", bad)
		}
	}
}

const secret = `secret_TESTTOKEN"0123\456789` // net/http escapes quotes and backslashes when it quotes a string

// wantNoToken checks that no way of printing v shows the token.
func wantNoToken(t *testing.T, v any) {
	t.Helper()
	asJSON, _ := json.Marshal(v)
	for _, s := range []string{fmt.Sprint(v), fmt.Sprintf("%+v %#v %s %q %x %d", v, v, v, v, v, v), string(asJSON)} {
		if strings.Contains(s, "TESTTOKEN") || strings.Contains(s, fmt.Sprintf("%x", "TESTTOKEN")) {
			t.Errorf("%T prints %s", v, s)
		}
	}
}

func TestTokenIsNotPrinted(t *testing.T) {
	token := newToken(t, secret)
	config := ecwid.Config{Store: "1003", Token: token}
	client, err := ecwid.New(config)
	if err != nil {
		t.Fatal(err)
	}
	_, badToken := ecwid.NewToken(secret + " ")
	for _, v := range []any{token, &token, config, &config, client, *client, badToken} {
		wantNoToken(t, v)
	}
}

// If a server echoes the token, neither the error nor an error that it wraps contains it.
func TestTokenIsNotInErrors(t *testing.T) {
	for name, fault := range map[string]ecwidtest.Fault{
		"code and message":    ecwidtest.Status(403, secret, "no access for "+secret),
		"headers":             ecwidtest.Redirect("https://example.com/?token="+secret).With("Retry-After", secret),
		"status line":         ecwidtest.Raw("HTTP/1.1 400 bad " + secret + "\r\nContent-Length: 0\r\n\r\n"),
		"malformed status":    ecwidtest.Raw("HTTP/1.1 " + secret + "\r\n\r\n"),
		"malformed response":  ecwidtest.Raw(secret + "\r\n\r\n"),
		"malformed header":    ecwidtest.Raw("HTTP/1.1 200 OK\r\n" + secret + "\r\n\r\n"),
		"malformed length":    ecwidtest.Raw("HTTP/1.1 200 OK\r\nContent-Length: " + secret + "\r\n\r\n"),
		"malformed encoding":  ecwidtest.Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + secret + "\r\n\r\n"),
		"malformed location":  ecwidtest.Raw("HTTP/1.1 307 x\r\nLocation: http://" + secret + "\r\nContent-Length: 0\r\n\r\n"),
		"page with 200":       ecwidtest.Body("<html>" + secret),
		"list without groups": ecwidtest.Body(`{"x":"` + secret + `"}`),
	} {
		t.Run(name, func(t *testing.T) {
			o := respond(fault)
			o.Token = secret
			client := newClient(t, newServer(t, o))
			_, err := client.UpdateCustomerGroup(t.Context(), vip, ecwid.CustomerGroupUpdate{})
			if err == nil {
				t.Fatal("no error")
			}
			for ; err != nil; err = errors.Unwrap(err) {
				wantNoToken(t, err)
			}
		})
	}
}
