package ecwidtest

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const utf8JSON = "application/json; charset=utf-8"

// reply is the response that a client receives, or its error.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
}

// send sends one request with the server's token; path follows /api/v3/{store}/.
func send(s *Server, method, path, contentType, body string) reply {
	return sendTo(s, method, s.URL+"/"+s.Store()+"/"+path, "Bearer "+s.Token(), contentType, body)
}

func sendTo(s *Server, method, url, authorization, contentType, body string) reply {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return reply{err: err}
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	client := *s.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, string(text), err}
}

func put(s *Server, path, body string) reply { return send(s, "PUT", path, utf8JSON, body) }

func twoGroups() []Group {
	return []Group{{ID: 17, Name: "VIP", ExternalReferenceID: "erp-17"}, {ID: 18, Name: "Trade"}}
}

// kinds are the kinds of server, for tests of behavior that must not depend on the transport.
var kinds = map[string]func(Options) *Server{"loopback": NewServer, "memory": NewMemoryServer}

func TestResponses(t *testing.T) {
	const rename = `{"name":"New"}`
	tests := []struct {
		name                            string
		method, path, contentType, body string
		status                          int
		want                            string // part of the body; "" if it is empty
	}{
		// The exact example from Ecwid's documentation: no charset, plain ASCII.
		{"documented", "PUT", "customer_groups/17", "application/json", `{"name": "VIP Customers", "externalReferenceId": "erp-17"}`, 200, `{"updateCount":1}`},
		// As groupsync sends it.
		{"utf-8", "PUT", "customer_groups/17", utf8JSON, `{"name":"顧客 <é>"}`, 200, `{"updateCount":1}`},
		{"charset in capitals", "PUT", "customer_groups/17", "application/json;charset=UTF-8", rename, 200, `{"updateCount":1}`},
		{"unknown field", "PUT", "customer_groups/17", utf8JSON, `{"name":"New","id":99}`, 200, `{"updateCount":1}`},
		// null clears an external id, but no group is without a name.
		{"null id", "PUT", "customer_groups/17", utf8JSON, `{"externalReferenceId":null}`, 200, `{"updateCount":1}`},
		{"null name", "PUT", "customer_groups/17", utf8JSON, `{"name":null}`, 400, "WRONG_PARAMETER"},

		{"blank name", "PUT", "customer_groups/17", utf8JSON, `{"name":" \u00a0"}`, 400, "blank"},
		{"empty id", "PUT", "customer_groups/17", utf8JSON, `{"externalReferenceId":""}`, 400, "null"},
		{"number", "PUT", "customer_groups/17", utf8JSON, `{"externalReferenceId":17}`, 400, "WRONG_PARAMETER"},
		{"bool", "PUT", "customer_groups/17", utf8JSON, `{"name":true}`, 400, "WRONG_PARAMETER"},
		{"object", "PUT", "customer_groups/17", utf8JSON, `{"name":{}}`, 400, "WRONG_PARAMETER"},
		{"no field", "PUT", "customer_groups/17", utf8JSON, `{}`, 400, "nothing to update"},
		// encoding/json would read NAME as name.
		{"name in capitals", "PUT", "customer_groups/17", utf8JSON, `{"NAME":"New"}`, 400, "nothing to update"},
		{"name twice", "PUT", "customer_groups/17", utf8JSON, `{"name":"A","name":"B"}`, 400, "twice"},
		{"no body", "PUT", "customer_groups/17", utf8JSON, ``, 400, "JSON object"},
		{"array", "PUT", "customer_groups/17", utf8JSON, `[{"name":"A"}]`, 400, "JSON object"},
		{"two objects", "PUT", "customer_groups/17", utf8JSON, rename + rename, 400, "follows"},
		{"truncated", "PUT", "customer_groups/17", utf8JSON, `{"name":"A"`, 400, "JSON object"},
		{"not utf-8", "PUT", "customer_groups/17", utf8JSON, "{\"name\":\"\xe9\"}", 400, "UTF-8"},
		{"too long", "PUT", "customer_groups/17", utf8JSON, `{"name":"` + strings.Repeat("a", maxBody) + `"}`, 413, "longer"},

		// Without a charset, only ASCII is unambiguous.
		{"no charset", "PUT", "customer_groups/17", "application/json", `{"name":"é"}`, 400, "charset"},
		{"latin1", "PUT", "customer_groups/17", "application/json; charset=iso-8859-1", rename, 400, "charset"},
		{"no type", "PUT", "customer_groups/17", "", rename, 415, "Content-Type"},
		{"form", "PUT", "customer_groups/17", "application/x-www-form-urlencoded", rename, 415, "Content-Type"},

		// Ids that a server might truncate to the id of another group.
		{"group 0", "PUT", "customer_groups/0", utf8JSON, rename, 400, "plain digits"},
		{"fraction", "PUT", "customer_groups/17.9", utf8JSON, rename, 400, "plain digits"},
		{"sign", "PUT", "customer_groups/+17", utf8JSON, rename, 400, "plain digits"},
		{"negative", "PUT", "customer_groups/-17", utf8JSON, rename, 400, "plain digits"},
		{"leading zero", "PUT", "customer_groups/017", utf8JSON, rename, 400, "plain digits"},
		{"exponent", "PUT", "customer_groups/1e3", utf8JSON, rename, 400, "plain digits"},
		{"17 plus 2 to the power of 32", "PUT", "customer_groups/4294967313", utf8JSON, rename, 400, "plain digits"},
		{"escaped digit", "PUT", "customer_groups/%31%37", utf8JSON, rename, 400, "plain digits"},
		{"no id", "PUT", "customer_groups/", utf8JSON, rename, 400, "plain digits"},

		{"missing group", "PUT", "customer_groups/2147483647", utf8JSON, rename, 404, `{"errorMessage":"Customer group #2147483647 not found"}`},
		{"external id of another group", "PUT", "customer_groups/18", utf8JSON, `{"externalReferenceId":"erp-17"}`, 409, "EXTERNAL_ID_ALREADY_USED"},
		{"its own external id", "PUT", "customer_groups/17", utf8JSON, `{"externalReferenceId":"erp-17"}`, 200, `{"updateCount":1}`},

		{"one", "GET", "customer_groups/17", "", "", 200, `{"id":17,"name":"VIP","externalReferenceId":"erp-17"}`},
		{"one without id", "GET", "customer_groups/18", "", "", 200, `{"id":18,"name":"Trade"}`},
		{"one missing", "GET", "customer_groups/19", "", "", 404, "Customer group #19 not found"},
		{"all", "GET", "customer_groups", "", "", 200, `{"total":3,"count":3,"offset":0,"limit":100,"items":[{"id":0,"name":"General"},{"id":17,`},
		{"page", "GET", "customer_groups?limit=1&offset=2", "", "", 200, `{"total":3,"count":1,"offset":2,"limit":1,"items":[{"id":18,"name":"Trade"}]}`},
		{"beyond the end", "GET", "customer_groups?offset=9", "", "", 200, `{"total":3,"count":0,"offset":9,"limit":100,"items":[]}`},
		{"limit above the maximum", "GET", "customer_groups?limit=1000", "", "", 200, `"limit":100,`},
		{"some ids", "GET", "customer_groups?customerGroupIds=18,5,18", "", "", 200, `{"total":1,"count":1,"offset":0,"limit":100,"items":[{"id":18,"name":"Trade"}]}`},
		{"limit 0", "GET", "customer_groups?limit=0", "", "", 400, "limit"},
		{"negative offset", "GET", "customer_groups?offset=-1", "", "", 400, "offset"},
		{"not an id", "GET", "customer_groups?customerGroupIds=a", "", "", 400, "not a group id"},

		{"PATCH", "PATCH", "customer_groups/17", utf8JSON, rename, 405, "METHOD_NOT_ALLOWED"},
		{"POST to a group", "POST", "customer_groups/17", utf8JSON, rename, 405, "METHOD_NOT_ALLOWED"},
		{"DELETE of the list", "DELETE", "customer_groups", "", "", 405, "METHOD_NOT_ALLOWED"},
		{"POST without a name", "POST", "customer_groups", utf8JSON, `{"externalReferenceId":"e"}`, 400, "Field CustomerGroup.name is absent"},
		{"POST with the external id of another group", "POST", "customer_groups", utf8JSON, `{"name":"A","externalReferenceId":"erp-17"}`, 409, "EXTERNAL_ID_ALREADY_USED"},
		{"PUT with a parameter", "PUT", "customer_groups/17?x=1", utf8JSON, rename, 400, "WRONG_PARAMETER"},
		{"text/json", "PUT", "customer_groups/17", "text/json; charset=utf-8", rename, 200, `{"updateCount":1}`},
		{"surrogate pair", "PUT", "customer_groups/17", utf8JSON, `{"name":"\ud83e\udd47 \\ud83e"}`, 200, `{"updateCount":1}`},
		{"high surrogate alone", "PUT", "customer_groups/17", utf8JSON, `{"name":"\ud83e"}`, 400, "surrogate"},
		{"high surrogate before a letter", "PUT", "customer_groups/17", utf8JSON, `{"name":"\ud83ex\udd47"}`, 400, "surrogate"},
		{"two high surrogates", "PUT", "customer_groups/17", utf8JSON, `{"name":"\ud83e\ud83e"}`, 400, "surrogate"},
		{"low surrogate alone", "PUT", "customer_groups/17", utf8JSON, `{"name":"\udd47"}`, 400, "surrogate"},
		{"PUT to the list", "PUT", "customer_groups", utf8JSON, rename, 405, "METHOD_NOT_ALLOWED"},
		{"unknown resource", "GET", "customers", "", "", 404, "No such resource"},
		{"path below a group", "GET", "customer_groups/17/x", "", "", 404, "No such resource"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewServer(Options{Groups: twoGroups()})
			defer s.Close()
			got := send(s, tt.method, tt.path, tt.contentType, tt.body)
			if got.err != nil || got.status != tt.status || !strings.Contains(got.body, tt.want) {
				t.Errorf("got %d %s (%v), want %d %s", got.status, got.body, got.err, tt.status, tt.want)
			}
			unchanged := cmp.Equal(s.Groups()[1:], twoGroups())
			if tt.status != 200 && !unchanged {
				t.Errorf("the request was refused, but the store now holds %v", s.Groups())
			}
		})
	}
}

func TestAuthentication(t *testing.T) {
	const group = "/api/v3/1003/customer_groups/17"
	tests := []struct {
		name               string
		method, path, auth string
		scopes             []string
		status             int
		want               string // the body; "": empty, which is how Ecwid refuses a token
	}{
		{"no token", "GET", group, "", nil, 403, ""},
		{"bad token", "GET", group, "Bearer secret_other", nil, 403, ""},
		{"other scheme", "GET", group, "Basic secret_sandbox", nil, 403, ""},
		{"token in the query", "GET", group + "?token=secret_sandbox", "", nil, 403, ""},
		{"token in both", "GET", group + "?token=secret_sandbox", "Bearer secret_sandbox", nil, 403, ""},
		{"may not read", "GET", group, "Bearer secret_sandbox", []string{"update_customers"}, 403, "INSUFFICIENT_APP_SCOPE"},
		{"may not list", "GET", "/api/v3/1003/customer_groups", "Bearer secret_sandbox", []string{}, 403, "INSUFFICIENT_APP_SCOPE"},
		{"may not create", "POST", "/api/v3/1003/customer_groups", "Bearer secret_sandbox", []string{"update_customers"}, 403, "create_customers"},
		{"may not delete", "DELETE", group, "Bearer secret_sandbox", []string{"create_customers"}, 403, "update_customers"},
		{"may not write", "PUT", group, "Bearer secret_sandbox", []string{"read_customers"}, 403, "INSUFFICIENT_APP_SCOPE"},
		{"other store", "GET", "/api/v3/1004/customer_groups/17", "Bearer secret_sandbox", nil, 404, "STORE_NOT_FOUND"},
		// A wrong address of the API leads to a web page.
		{"outside", "GET", "/api/v2/1003/customer_groups/17", "Bearer secret_sandbox", nil, 404, "<html>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewServer(Options{Groups: twoGroups(), Scopes: tt.scopes})
			defer s.Close()
			got := sendTo(s, tt.method, strings.TrimSuffix(s.URL, Path)+tt.path, tt.auth, utf8JSON, `{"name":"New"}`)
			if got.err != nil || got.status != tt.status || !strings.Contains(got.body, tt.want) || (tt.want == "") != (got.body == "") {
				t.Errorf("got %d %q (%v), want %d %q", got.status, got.body, got.err, tt.status, tt.want)
			}
			if unauthorized := tt.want == ""; (s.Unauthorized() == 1) != unauthorized {
				t.Errorf("%d requests count as unauthorized", s.Unauthorized())
			}
		})
	}
}

func TestRevokeToken(t *testing.T) {
	s := NewServer(Options{AnyGroup: true})
	defer s.Close()
	before := put(s, "customer_groups/1", `{"name":"A"}`)
	s.RevokeToken()
	after := put(s, "customer_groups/1", `{"name":"B"}`)
	if before.status != 200 || after.status != 403 || after.body != "" || s.Groups()[1].Name != "A" {
		t.Errorf("got %v, then %v, and %v", before, after, s.Groups())
	}
}

// The log has the requests in order, with their status.
func TestRequests(t *testing.T) {
	for kind, newServer := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := newServer(Options{Groups: twoGroups()})
			defer s.Close()
			put(s, "customer_groups/17", `{"name":"A"}`)
			send(s, "GET", "customer_groups?limit=1", "", "")
			put(s, "customer_groups/99", `{"name":"B"}`)

			type line struct {
				N                         int
				Method, Path, Query, Body string
				GroupID                   int32
				Status                    int
			}
			var got []line
			for _, r := range s.Requests() {
				got = append(got, line{r.N, r.Method, r.Path, r.Query, r.Body, r.GroupID, r.Status})
				if r.Answered.Before(r.Arrived) || r.Header.Get("Authorization") != "Bearer secret_sandbox" {
					t.Errorf("request %d: arrived %v, answered %v, %v", r.N, r.Arrived, r.Answered, r.Header)
				}
			}
			want := []line{
				{1, "PUT", "/api/v3/1003/customer_groups/17", "", `{"name":"A"}`, 17, 200},
				{2, "GET", "/api/v3/1003/customer_groups", "limit=1", "", 0, 200},
				{3, "PUT", "/api/v3/1003/customer_groups/99", "", `{"name":"B"}`, 99, 404},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if got := s.Busiest(time.Hour); got != 3 {
				t.Errorf("the busiest hour holds %d requests, want 3", got)
			}
		})
	}
}

// A closed server refuses connections, and may be closed again.
func TestClose(t *testing.T) {
	for kind, newServer := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := newServer(Options{})
			send(s, "GET", "customer_groups", "", "")
			s.Close()
			s.Close()
			if got := send(s, "GET", "customer_groups", "", ""); got.err == nil {
				t.Errorf("a closed server answered %d", got.status)
			}
			if got := len(s.Requests()); got != 1 {
				t.Errorf("%d requests in the log, want 1", got)
			}
		})
	}
}

// BenchmarkPUT measures the emulator itself: it must not dominate a load test.
func BenchmarkPUT(b *testing.B) {
	for kind, newServer := range kinds {
		b.Run(kind, func(b *testing.B) {
			s := newServer(Options{AnyGroup: true, Quota: 1_000_000, Window: time.Second, Discard: true})
			defer s.Close()
			b.SetParallelism(25)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if got := put(s, "customer_groups/17", `{"name":"A"}`); got.status != 200 {
						b.Errorf("got %d (%v)", got.status, got.err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}
