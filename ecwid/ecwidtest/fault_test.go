package ecwidtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestFaults checks what the client receives with each fault, applied and not applied, over both transports.
func TestFaults(t *testing.T) {
	date := "Wed, 21 Oct 2026 07:28:00 GMT"
	tests := []struct {
		name   string
		fault  Fault
		status int // 0: an error instead of a response
		body   string
		header map[string]string
		cut    bool // the body ends early
	}{
		{"reset", Reset(), 0, "", nil, false},
		{"half", HalfBody(), 200, `{"update`, nil, true},
		{"page of a proxy", HTML(502), 502, "<html>", nil, false},
		{"code and message", Status(409, "CONSTRAINT_VIOLATION", "no"), 409, `{"errorMessage":"no","errorCode":"CONSTRAINT_VIOLATION"}`, nil, false},
		{"message alone", Status(500, "", "oops"), 500, `{"errorMessage":"oops"}`, nil, false},
		{"empty", Status(403, "", ""), 403, "", nil, false},
		{"retry after seconds", RateLimited("7"), 429, "RATE_LIMITED", map[string]string{"Retry-After": "7"}, false},
		{"retry after a date", RateLimited(date), 429, "RATE_LIMITED", map[string]string{"Retry-After": date}, false},
		{"no Retry-After", RateLimited(""), 429, "RATE_LIMITED", map[string]string{"Retry-After": ""}, false},
		{"redirect", Redirect("http://127.0.0.1/"), 307, "", map[string]string{"Location": "http://127.0.0.1/"}, false},
		{"other header", Status(503, "", "").With("Retry-After", "1"), 503, "", map[string]string{"Retry-After": "1"}, false},
		{"any body", Body(`{"updateCount":"one"}`), 200, `{"updateCount":"one"}`, nil, false},
		{"late", Slow(time.Millisecond), 200, `{"updateCount":1}`, nil, false},
		{"late error", HTML(500).After(time.Millisecond), 500, "<html>", nil, false},
	}
	for kind, newServer := range kinds {
		for _, tt := range tests {
			for _, applied := range []bool{false, true} {
				name := kind + "/" + tt.name
				if applied {
					tt.fault = tt.fault.Applied()
					name += " but applied"
				}
				t.Run(name, func(t *testing.T) {
					s := newServer(Options{Groups: twoGroups(), Fault: func(r Request) Fault {
						if r.N == 1 {
							return tt.fault
						}
						return Fault{}
					}})
					defer s.Close()
					got := put(s, "customer_groups/17", `{"name":"New"}`)
					if got.status != tt.status || !strings.Contains(got.body, tt.body) || (tt.body == "") != (got.body == "") {
						t.Errorf("got %d %q (%v), want %d %q", got.status, got.body, got.err, tt.status, tt.body)
					}
					if wantErr := tt.status == 0 || tt.cut; (got.err != nil) != wantErr {
						t.Errorf("got error %v", got.err)
					}
					if tt.cut && !errors.Is(got.err, io.ErrUnexpectedEOF) {
						t.Errorf("got error %v, want %v", got.err, io.ErrUnexpectedEOF)
					}
					for name, want := range tt.header {
						if got := got.header.Get(name); got != want {
							t.Errorf("got %s: %q, want %q", name, got, want)
						}
					}
					want := applied || !tt.fault.altersResponse()
					if isApplied := s.Groups()[1].Name == "New"; isApplied != want {
						t.Errorf("applied: %v, want %v", isApplied, want)
					}
					// The next request gets its response.
					if got := put(s, "customer_groups/17", `{"name":"Next"}`); got.status != 200 {
						t.Errorf("the next request: got %d (%v)", got.status, got.err)
					}
					if r := s.Requests(); len(r) != 2 || r[0].Status != tt.status || r[1].Status != 200 {
						t.Errorf("log: %v", r)
					}
				})
			}
		}
	}
}

// HalfBody sends a prefix of the actual list.
func TestHalfList(t *testing.T) {
	s := NewServer(Options{Groups: twoGroups(), Fault: func(Request) Fault { return HalfBody() }})
	defer s.Close()
	got := send(s, "GET", "customer_groups", "", "")
	if !strings.HasPrefix(got.body, `{"total":3,`) || !errors.Is(got.err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q (%v)", got.body, got.err)
	}
}

// A stall ends when the client disconnects; its request is applied only with Applied.
func TestStallUntilClientDisconnects(t *testing.T) {
	for _, fault := range []Fault{Stall(), Stall().Applied()} {
		synctest.Test(t, func(t *testing.T) {
			s := NewMemoryServer(Options{Groups: twoGroups(), Fault: func(Request) Fault { return fault }})
			defer s.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			req, _ := http.NewRequestWithContext(ctx, "PUT", s.URL+"/1003/customer_groups/17", strings.NewReader(`{"name":"New"}`))
			req.Header.Set("Authorization", "Bearer "+s.Token())
			req.Header.Set("Content-Type", utf8JSON)
			if res, err := s.Client().Do(req); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, %v", res, err)
			}
			synctest.Wait()
			r := s.Requests()[0]
			if r.Status != 0 || r.Answered.Sub(r.Arrived) != 30*time.Second {
				t.Errorf("status %d after %v, want none after 30s", r.Status, r.Answered.Sub(r.Arrived))
			}
			if isApplied := s.Groups()[1].Name == "New"; isApplied != fault.applied {
				t.Errorf("applied: %v, want %v", isApplied, fault.applied)
			}
		})
	}
}

// Close ends stalls and delays.
func TestCloseEndsStalls(t *testing.T) {
	for kind, newServer := range kinds {
		for _, fault := range []Fault{Stall(), Slow(24 * time.Hour)} {
			t.Run(kind, func(t *testing.T) {
				arrived := make(chan struct{})
				s := newServer(Options{Fault: func(Request) Fault {
					close(arrived)
					return fault
				}})
				got := make(chan reply)
				go func() { got <- send(s, "GET", "customer_groups", "", "") }()
				<-arrived
				s.Close()
				if got := <-got; got.err == nil {
					t.Errorf("got %d, want an error", got.status)
				}
			})
		}
	}
}

// A fault function may use the server.
func TestFaultFunctionUsesServer(t *testing.T) {
	s := NewServer(Options{Groups: twoGroups()})
	defer s.Close()
	s.SetFault(func(r Request) Fault {
		if len(s.Requests()) != r.N || len(s.Groups()) != 3 {
			t.Errorf("request %d: %d requests, %d groups", r.N, len(s.Requests()), len(s.Groups()))
		}
		s.RevokeToken()
		s.SetFault(nil)
		return Fault{}
	})
	if got := put(s, "customer_groups/17", `{"name":"New"}`); got.status != 403 {
		t.Errorf("got %d (%v), want 403", got.status, got.err)
	}
}
