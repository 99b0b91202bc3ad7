package ecwid_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sentinels are the meanings that an error may have.
var sentinels = []error{
	ecwid.ErrRefused, ecwid.ErrForbidden, ecwid.ErrRateLimited, ecwid.ErrExternalIDTaken,
	ecwid.ErrGroupNotFound, ecwid.ErrTemporary, ecwid.ErrUnreachable,
}

func meanings(err error) (is []error) {
	for _, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			is = append(is, sentinel)
		}
	}
	return is
}

// rename sends an update of a group.
func rename(ctx context.Context, client *ecwid.Client) error {
	_, err := client.UpdateCustomerGroup(ctx, vip, ecwid.CustomerGroupUpdate{Name: ecwid.String("x")})
	return err
}

// Each response has a meaning and a message.
func TestError(t *testing.T) {
	type errs = []error
	for _, c := range []struct {
		name  string
		fault ecwidtest.Fault
		want  errs
		text  string // a trailing "…" means that more text follows
	}{
		{"bad row", ecwidtest.Status(400, "WRONG_PARAMETER", "Field X.name is absent"), nil, "Ecwid returned 400 WRONG_PARAMETER: Field X.name is absent"},
		{"message in the status line", ecwidtest.Raw("HTTP/1.1 400 Field X.name is absent\r\nContent-Length: 0\r\n\r\n"), nil, "Ecwid returned 400: Field X.name is absent"},
		{"usual status line", ecwidtest.Raw("HTTP/1.1 400 BAD REQUEST\r\nContent-Length: 0\r\n\r\n"), nil, "Ecwid returned 400 (Bad Request)"},
		{"status line without a reason", ecwidtest.Raw("HTTP/1.1 400 \r\nContent-Length: 0\r\n\r\n"), nil, "Ecwid returned 400 (Bad Request)"},
		{"message in both", ecwidtest.Raw("HTTP/1.1 400 Nope\r\nContent-Length: 28\r\n\r\n" + `{"errorMessage":"name bad" }`), nil, "Ecwid returned 400: name bad"},
		{"401", ecwidtest.Status(401, "", ""), errs{ecwid.ErrRefused, ecwid.ErrForbidden}, "Ecwid returned 401 (Unauthorized)"},
		{"plan", ecwidtest.Status(402, "STORE_IS_SUSPENDED", ""), errs{ecwid.ErrRefused}, "Ecwid returned 402 STORE_IS_SUSPENDED"},
		{"empty 403", ecwidtest.Status(403, "", ""), errs{ecwid.ErrRefused, ecwid.ErrForbidden}, "Ecwid returned 403 (Forbidden)"},
		{"no such group", ecwidtest.Status(404, "", "Customer group #7 not found"), errs{ecwid.ErrGroupNotFound}, "Ecwid returned 404: Customer group #7 not found"},
		{"no such store", ecwidtest.Status(404, "STORE_NOT_FOUND", ""), errs{ecwid.ErrRefused}, "Ecwid returned 404 STORE_NOT_FOUND"},
		{"no such profile", ecwidtest.Status(404, "PROFILE_NOT_FOUND", ""), errs{ecwid.ErrRefused}, "Ecwid returned 404 PROFILE_NOT_FOUND"},
		{"not the API", ecwidtest.HTML(404), errs{ecwid.ErrRefused}, "Ecwid returned 404 with a web page"},
		{"page with 200", ecwidtest.HTML(200), errs{ecwid.ErrRefused}, "Ecwid returned 200 with a web page"},
		{"no JSON with 200", ecwidtest.Body("It works!"), errs{ecwid.ErrRefused}, "Ecwid returned 200 with a body that is not JSON"},
		{"redirect", ecwidtest.Redirect("https://example.com/"), errs{ecwid.ErrRefused}, "Ecwid returned 307: a redirect to https://example.com/"},
		{"method", ecwidtest.Status(405, "METHOD_NOT_ALLOWED", ""), errs{ecwid.ErrRefused}, "Ecwid returned 405 METHOD_NOT_ALLOWED"},
		{"media type", ecwidtest.Status(415, "", ""), errs{ecwid.ErrRefused}, "Ecwid returned 415 (Unsupported Media Type)"},
		{"time-out", ecwidtest.Status(408, "TIMEOUT", ""), errs{ecwid.ErrTemporary}, "Ecwid returned 408 TIMEOUT"},
		{"id taken", ecwidtest.Status(409, "EXTERNAL_ID_ALREADY_USED", ""), errs{ecwid.ErrExternalIDTaken}, "Ecwid returned 409 EXTERNAL_ID_ALREADY_USED"},
		{"constraint", ecwidtest.Status(409, "CONSTRAINT_VIOLATION", ""), nil, "Ecwid returned 409 CONSTRAINT_VIOLATION"},
		{"other bad row", ecwidtest.Status(422, "", ""), nil, "Ecwid returned 422 (Unprocessable Entity)"},
		{"message that ends in a colon", ecwidtest.Status(422, "", "The name is wrong: "), nil, "Ecwid returned 422: The name is wrong"},
		{"message of spaces", ecwidtest.Status(422, "", " : "), nil, "Ecwid returned 422 (Unprocessable Entity)"},
		{"quota", ecwidtest.RateLimited("30"), errs{ecwid.ErrRateLimited}, "Ecwid returned 429 RATE_LIMITED: Too many requests"},
		{"page of a proxy", ecwidtest.HTML(502), errs{ecwid.ErrTemporary}, "Ecwid returned 502 with a web page"},
		{"server", ecwidtest.Status(500, "INTERNAL_ERROR", ""), errs{ecwid.ErrTemporary}, "Ecwid returned 500 INTERNAL_ERROR"},
		{"endless message", ecwidtest.Status(400, "", strings.Repeat("äx", 100_000)), nil, "Ecwid returned 400: äxäx…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newServer(t, respond(c.fault))
			err := rename(t.Context(), newClient(t, server))
			response, ok := errors.AsType[*ecwid.Error](err)
			if !ok {
				t.Fatalf("got %v, want an *ecwid.Error", err)
			}
			if diff := cmp.Diff(c.want, meanings(err), cmpopts.EquateErrors()); diff != "" {
				t.Error(diff)
			}
			begin, more := strings.CutSuffix(c.text, "…")
			if text := err.Error(); !strings.HasPrefix(text, begin) || !more && text != c.text || len(text) > 1100 {
				t.Errorf("the text is %.200q, want %q", text, c.text)
			}
			if response.Method != "PUT" || response.Path != "/customer_groups/9367001" {
				t.Errorf("the error is about %s %s", response.Method, response.Path)
			}
			if n := len(server.Requests()); n != 1 {
				t.Errorf("%d requests were sent: was a redirect followed?", n)
			}
		})
	}
}

// Without a usable response, it is unknown whether the request was applied.
func TestNoResponseError(t *testing.T) {
	for name, fault := range map[string]ecwidtest.Fault{
		"reset":              ecwidtest.Reset(),
		"half a body":        ecwidtest.HalfBody(),
		"not HTTP":           ecwidtest.Raw("220 mail.example.com ESMTP\r\n"),
		"no updateCount":     ecwidtest.Body(`{}`),
		"not a number":       ecwidtest.Body(`{"updateCount":"1"}`),
		"oversized response": ecwidtest.Body(`{"updateCount":1,"x":"` + strings.Repeat("x", 2<<20) + `"}`),
	} {
		t.Run(name, func(t *testing.T) {
			err := rename(t.Context(), newClient(t, newServer(t, respond(fault))))
			if _, ok := errors.AsType[*ecwid.NoResponseError](err); !ok || meanings(err) != nil {
				t.Errorf("got %v, want a *ecwid.NoResponseError", err)
			}
		})
	}
	t.Run("stall", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server := ecwidtest.NewMemoryServer(respond(ecwidtest.Stall()))
			defer server.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			err := rename(ctx, newClient(t, server))
			if _, ok := errors.AsType[*ecwid.NoResponseError](err); !ok || !strings.Contains(err.Error(), "in time") {
				t.Errorf("got %v", err)
			}
		})
	})
}

// The error of a request that was never sent is ErrUnreachable.
func TestUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := "http://" + listener.Addr().String()
	listener.Close()
	noName := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("there is no name server")
	}}
	for name, config := range map[string]ecwid.Config{
		"refused": {BaseURL: refusing},
		"not found": {Transport: &http.Transport{
			DialContext: (&net.Dialer{Resolver: noName}).DialContext,
		}},
	} {
		t.Run(name, func(t *testing.T) { wantUnreachable(t, config) })
	}
	t.Run("no response to the attempt", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			wantUnreachable(t, ecwid.Config{Transport: &http.Transport{
				DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
					<-ctx.Done()
					return nil, ctx.Err()
				},
			}})
		})
	})
}

func wantUnreachable(t *testing.T, config ecwid.Config) {
	config.Store, config.Token = "1003", newToken(t, secret)
	client, err := ecwid.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err = rename(ctx, client)
	if _, ok := errors.AsType[*ecwid.NoResponseError](err); !ok || !errors.Is(err, ecwid.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
	wantNoToken(t, err)
}

func TestWait(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		retryAfter string
		date       time.Time
		want       time.Duration
		ok         bool
	}{
		{retryAfter: "30", want: 30 * time.Second, ok: true},
		{retryAfter: "0", want: 0, ok: true},
		{retryAfter: "Mon, 23 Nov 2026 12:01:00 GMT", want: time.Minute, ok: true},
		// our clock is ten minutes slow: the wait is computed with the server's clock
		{retryAfter: "Mon, 23 Nov 2026 12:11:00 GMT", date: now.Add(10 * time.Minute), want: time.Minute, ok: true},
		// in the past
		{retryAfter: "Mon, 23 Nov 2026 11:00:00 GMT", want: 0, ok: true},
		// more than a time.Duration holds
		{retryAfter: "99999999999999", want: 24 * time.Hour, ok: true},
		{retryAfter: "", ok: false},
		{retryAfter: "soon", ok: false},
		{retryAfter: "-1", ok: false},
		{retryAfter: "1.5", ok: false},
	} {
		got, ok := (&ecwid.Error{RetryAfter: c.retryAfter, Date: c.date}).Wait(now)
		if got != c.want || ok != c.ok {
			t.Errorf("%q: got %v, %v, want %v, %v", c.retryAfter, got, ok, c.want, c.ok)
		}
	}
}
