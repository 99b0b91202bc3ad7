package ecwid_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"

	"github.com/google/go-cmp/cmp"
)

const vip = 9367001

func newClient(t *testing.T, server *ecwidtest.Server) *ecwid.Client {
	t.Helper()
	token, err := ecwid.NewToken(server.Token())
	if err != nil {
		t.Fatal(err)
	}
	client, err := ecwid.New(ecwid.Config{
		Store: server.Store(), Token: token, BaseURL: server.URL,
		UserAgent: "groupsync/test", HTTPClient: server.Client(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func newServer(t *testing.T, o ecwidtest.Options) *ecwidtest.Server {
	t.Helper()
	o.Groups = append(o.Groups, ecwidtest.Group{ID: vip, Name: "VIP", ExternalReferenceID: "erp-1"})
	server := ecwidtest.NewServer(o)
	t.Cleanup(server.Close)
	return server
}

func TestUpdateSendsWhatIsSetAndNothingElse(t *testing.T) {
	for _, c := range []struct {
		update ecwid.CustomerGroupUpdate
		body   string
		group  ecwidtest.Group
	}{
		{ // a field that is absent keeps its value
			ecwid.CustomerGroupUpdate{Name: ecwid.String("Großkunden")},
			`{"name":"Großkunden"}`,
			ecwidtest.Group{ID: vip, Name: "Großkunden", ExternalReferenceID: "erp-1"},
		},
		{ // leading zeros are text
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
		seen := server.Requests()[0]
		if seen.Body != c.body {
			t.Errorf("sent %s, want %s", seen.Body, c.body)
		}
		if diff := cmp.Diff(c.group, server.Groups()[1]); diff != "" {
			t.Error(diff)
		}
		want := map[string]string{
			"Authorization": "Bearer " + server.Token(),
			"Content-Type":  "application/json; charset=utf-8",
			"User-Agent":    "groupsync/test",
		}
		for name, value := range want {
			if got := seen.Header.Get(name); got != value {
				t.Errorf("%s: sent %q, want %q", name, got, value)
			}
		}
	}
}

func TestCustomerGroup(t *testing.T) {
	client := newClient(t, newServer(t, ecwidtest.Options{Groups: []ecwidtest.Group{{ID: 5, Name: "bare"}}}))
	for _, want := range []ecwid.CustomerGroup{{ID: vip, Name: "VIP", ExternalReferenceID: "erp-1"}, {ID: 5, Name: "bare"}} {
		got, err := client.CustomerGroup(t.Context(), want.ID)
		if got != want || err != nil {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
}

// What each answer means: the sentinels it is, and the words it is printed with.
func TestErrors(t *testing.T) {
	type is = []error
	for _, c := range []struct {
		name  string
		fault ecwidtest.Fault
		is    is
		words string
	}{
		{"bad row", ecwidtest.Status(400, "WRONG_PARAMETER", "Field X.name is absent"), nil, "Ecwid answered 400 WRONG_PARAMETER: Field X.name is absent"},
		{"401 is as 403", ecwidtest.Status(401, "", ""), is{ecwid.ErrRefused, ecwid.ErrForbidden}, "Ecwid answered 401 (Unauthorized)"},
		{"plan", ecwidtest.Status(402, "STORE_IS_SUSPENDED", ""), is{ecwid.ErrRefused}, "Ecwid answered 402 STORE_IS_SUSPENDED"},
		{"empty 403", ecwidtest.Status(403, "", ""), is{ecwid.ErrRefused, ecwid.ErrForbidden}, "Ecwid answered 403 (Forbidden)"},
		{"no such group", ecwidtest.Status(404, "", "Customer group #7 not found"), nil, "Ecwid answered 404: Customer group #7 not found"},
		{"no such store", ecwidtest.Status(404, "STORE_NOT_FOUND", ""), is{ecwid.ErrRefused}, "Ecwid answered 404 STORE_NOT_FOUND"},
		{"not the API", ecwidtest.HTML(404), is{ecwid.ErrRefused}, "Ecwid answered 404 with a web page"},
		{"redirect", ecwidtest.Redirect("https://example.com/"), is{ecwid.ErrRefused}, "a redirect to https://example.com/"},
		{"method", ecwidtest.Status(405, "", ""), is{ecwid.ErrRefused}, "405"},
		{"media type", ecwidtest.Status(415, "", ""), is{ecwid.ErrRefused}, "415"},
		{"time-out", ecwidtest.Status(408, "TIMEOUT", ""), is{ecwid.ErrTemporary}, "408"},
		{"id taken", ecwidtest.Status(409, "EXTERNAL_ID_ALREADY_USED", ""), is{ecwid.ErrExternalIDTaken}, "409 EXTERNAL_ID_ALREADY_USED"},
		{"constraint", ecwidtest.Status(409, "CONSTRAINT_VIOLATION", ""), nil, "409 CONSTRAINT_VIOLATION"},
		{"bad row too", ecwidtest.Status(422, "", ""), nil, "422"},
		{"quota", ecwidtest.RateLimited("30"), is{ecwid.ErrRateLimited}, "429"},
		{"page of a proxy", ecwidtest.HTML(502), is{ecwid.ErrTemporary}, "502 with a web page"},
		{"server", ecwidtest.Status(500, "INTERNAL_ERROR", ""), is{ecwid.ErrTemporary}, "500 INTERNAL_ERROR"},
		{"endless message", ecwidtest.Status(400, "", strings.Repeat("äx", 100_000)), nil, " …"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newServer(t, ecwidtest.Options{Fault: func(ecwidtest.Request) ecwidtest.Fault { return c.fault }})
			_, err := newClient(t, server).UpdateCustomerGroup(t.Context(), vip, ecwid.CustomerGroupUpdate{Name: ecwid.String("x")})
			answer, ok := errors.AsType[*ecwid.Error](err)
			if !ok {
				t.Fatalf("got %v, want an *ecwid.Error", err)
			}
			var is []error
			for _, sentinel := range []error{ecwid.ErrRefused, ecwid.ErrForbidden, ecwid.ErrRateLimited, ecwid.ErrExternalIDTaken, ecwid.ErrTemporary} {
				if errors.Is(err, sentinel) {
					is = append(is, sentinel)
				}
			}
			if fmt.Sprint(is) != fmt.Sprint([]error(c.is)) {
				t.Errorf("is %v, want %v", is, c.is)
			}
			if !strings.Contains(err.Error(), c.words) || len(err.Error()) > 1100 {
				t.Errorf("reads %.200q, want it to hold %q", err, c.words)
			}
			if hinted := answer.Hint() != ""; hinted != errors.Is(err, ecwid.ErrRefused) {
				t.Errorf("hint %q", answer.Hint())
			}
			if n := len(server.Requests()); n != 1 {
				t.Errorf("%d requests were sent: was a redirect followed?", n)
			}
		})
	}
}

// Answers that are none: whether the request was applied is not known.
func TestNoAnswer(t *testing.T) {
	for name, fault := range map[string]ecwidtest.Fault{
		"reset":            ecwidtest.Reset(),
		"half a body":      ecwidtest.HalfBody(),
		"page with 200":    ecwidtest.HTML(200),
		"no updateCount":   ecwidtest.Body(`{}`),
		"not a number":     ecwidtest.Body(`{"updateCount":"1"}`),
		"oversized answer": ecwidtest.Body(`{"updateCount":1,"x":"` + strings.Repeat("x", 2<<20) + `"}`),
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, ecwidtest.Options{Fault: func(ecwidtest.Request) ecwidtest.Fault { return fault }})
			_, err := newClient(t, server).UpdateCustomerGroup(t.Context(), vip, ecwid.CustomerGroupUpdate{Name: ecwid.String("x")})
			if _, ok := errors.AsType[*ecwid.NoAnswerError](err); !ok {
				t.Errorf("got %v, want a *ecwid.NoAnswerError", err)
			}
		})
	}
	t.Run("stall", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server := ecwidtest.NewMemoryServer(ecwidtest.Options{Fault: func(ecwidtest.Request) ecwidtest.Fault { return ecwidtest.Stall() }})
			defer server.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			_, err := newClient(t, server).UpdateCustomerGroup(ctx, vip, ecwid.CustomerGroupUpdate{Name: ecwid.String("x")})
			if _, ok := errors.AsType[*ecwid.NoAnswerError](err); !ok || !strings.Contains(err.Error(), "in time") {
				t.Errorf("got %v", err)
			}
		})
	})
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		sent string
		date time.Time
		want time.Duration
		ok   bool
	}{
		{sent: "30", want: 30 * time.Second, ok: true},
		{sent: "0", want: 0, ok: true},
		{sent: "Mon, 23 Nov 2026 12:01:00 GMT", want: time.Minute, ok: true},
		// our clock is ten minutes slow: the server's own tells the wait
		{sent: "Mon, 23 Nov 2026 12:11:00 GMT", date: now.Add(10 * time.Minute), want: time.Minute, ok: true},
		// past already
		{sent: "Mon, 23 Nov 2026 11:00:00 GMT", want: 0, ok: true},
		// more than a time.Duration holds
		{sent: "99999999999999", want: 24 * time.Hour, ok: true},
		{sent: "", ok: false},
		{sent: "soon", ok: false},
		{sent: "-1", ok: false},
		{sent: "1.5", ok: false},
	} {
		got, ok := (&ecwid.Error{RetryAfter: c.sent, Date: c.date}).Wait(now)
		if got != c.want || ok != c.ok {
			t.Errorf("%q: got %v, %v, want %v, %v", c.sent, got, ok, c.want, c.ok)
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	token, err := ecwid.NewToken("secret_x")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		config ecwid.Config
		words  []string
	}{
		{ecwid.Config{Store: "abc", Token: token}, []string{`"abc" is not a number`}},
		{ecwid.Config{Store: "1003"}, []string{"no token"}},
		{ecwid.Config{Store: "1003", Token: token, BaseURL: "http://app.ecwid.com/api/v3"}, []string{"not https"}},
		{ecwid.Config{Store: "1003", Token: token, BaseURL: "https://u:p@app.ecwid.com/api/v3"}, []string{"more than a host"}},
		{ecwid.Config{Store: "1003", Token: token, BaseURL: "https://app.ecwid.com/api/v3?token=x"}, []string{"more than a host"}},
		{ecwid.Config{Store: "1003", Token: token, BaseURL: "app.ecwid.com"}, []string{"not like https://"}},
		// all at once
		{ecwid.Config{Store: "", BaseURL: "ftp://x"}, []string{"is not a number", "no token", "not like https://"}},
	} {
		_, err := ecwid.New(c.config)
		for _, word := range c.words {
			if err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("%+v: got %v, want %q", c.config, err, word)
			}
		}
	}
	for _, base := range []string{"", "http://127.0.0.1:1/api/v3", "http://[::1]/x/", "http://localhost:80"} {
		if _, err := ecwid.New(ecwid.Config{Store: "1003", Token: token, BaseURL: base}); err != nil {
			t.Errorf("%q: %v", base, err)
		}
	}
	for _, bad := range []string{"", "public_abc", "secret_a b", "secret_a\n", "secret_ä"} {
		if _, err := ecwid.NewToken(bad); err == nil {
			t.Errorf("the token %q was taken", bad)
		}
	}
}

func TestTokenIsNotPrinted(t *testing.T) {
	const secret = "secret_TESTTOKEN0123456789"
	server := newServer(t, ecwidtest.Options{Fault: func(ecwidtest.Request) ecwidtest.Fault {
		return ecwidtest.Status(403, secret, "no access for "+secret)
	}})
	token, err := ecwid.NewToken(secret)
	if err != nil {
		t.Fatal(err)
	}
	config := ecwid.Config{Store: "1003", Token: token, BaseURL: server.URL}
	client, err := ecwid.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, refused := client.UpdateCustomerGroup(t.Context(), vip, ecwid.CustomerGroupUpdate{})
	server.Close()
	_, unreachable := client.UpdateCustomerGroup(t.Context(), vip, ecwid.CustomerGroupUpdate{})
	_, badToken := ecwid.NewToken(secret + " ")
	// Printed is one that has no connections, whose goroutines would be seen to race with fmt.
	client, err = ecwid.New(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{token, &token, config, &config, client, *client, refused, unreachable, badToken} {
		asJSON, _ := json.Marshal(v)
		for _, s := range []string{fmt.Sprint(v), fmt.Sprintf("%+v %#v %s %q %x %d", v, v, v, v, v, v), string(asJSON)} {
			if strings.Contains(s, "TESTTOKEN") || strings.Contains(s, fmt.Sprintf("%x", "TESTTOKEN")) {
				t.Errorf("%T prints %s", v, s)
			}
		}
	}
}

func TestCallersClientIsNotChanged(t *testing.T) {
	server := newServer(t, ecwidtest.Options{})
	own := server.Client()
	token, _ := ecwid.NewToken(server.Token())
	if _, err := ecwid.New(ecwid.Config{Store: "1003", Token: token, BaseURL: server.URL, HTTPClient: own}); err != nil {
		t.Fatal(err)
	}
	if own.CheckRedirect != nil {
		t.Error("CheckRedirect was set")
	}
}

// As many connections as workers, and each used again.
func TestConnectionsAreKept(t *testing.T) {
	server := newServer(t, ecwidtest.Options{})
	var mu sync.Mutex
	opened := 0
	front := &http.Server{Handler: server, ConnState: func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			mu.Lock()
			opened++
			mu.Unlock()
		}
	}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { front.Serve(listener) })
	defer serving.Wait()
	defer front.Close()
	token, _ := ecwid.NewToken(server.Token())
	client, err := ecwid.New(ecwid.Config{Store: "1003", Token: token, BaseURL: "http://" + listener.Addr().String() + "/api/v3", Connections: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for range 100 {
				if _, err := client.UpdateCustomerGroup(t.Context(), vip, ecwid.CustomerGroupUpdate{Name: ecwid.String("x")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	workers.Wait()
	mu.Lock()
	defer mu.Unlock()
	if opened > 4 {
		t.Errorf("4 workers opened %d connections for 400 requests", opened)
	}
}
