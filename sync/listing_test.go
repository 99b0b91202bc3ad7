package sync

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"

	"pgregory.net/rapid"
)

// Whatever fault occurs, the list is complete, or the error says what is wrong.
func TestListing(t *testing.T) {
	once := func(f ecwidtest.Fault) func(ecwidtest.Request) ecwidtest.Fault {
		return func(r ecwidtest.Request) ecwidtest.Fault {
			if r.N == 2 {
				return f
			}
			return ecwidtest.Fault{}
		}
	}
	always := func(f ecwidtest.Fault) func(ecwidtest.Request) ecwidtest.Fault {
		return func(r ecwidtest.Request) ecwidtest.Fault {
			if r.N >= 2 {
				return f
			}
			return ecwidtest.Fault{}
		}
	}
	for _, c := range []struct {
		name     string
		options  ecwidtest.Options
		requests int
		want     string // the error; "": none
	}{
		{"nothing", ecwidtest.Options{}, 4, ""},
		{"a total without the default group", ecwidtest.Options{TotalWithoutDefault: true}, 4, ""},
		{"a 429", ecwidtest.Options{Fault: once(ecwidtest.RateLimited("7"))}, 5, ""},
		{"a 500", ecwidtest.Options{Fault: once(ecwidtest.Status(500, "INTERNAL_ERROR", ""))}, 5, ""},
		{"half a body", ecwidtest.Options{Fault: once(ecwidtest.HalfBody())}, 5, ""},
		{"no response in time", ecwidtest.Options{Fault: once(ecwidtest.Stall())}, 5, ""},
		{"a web page from a proxy", ecwidtest.Options{Fault: once(ecwidtest.HTML(502))}, 5, ""},
		{"a web page with the status 200", ecwidtest.Options{Fault: once(ecwidtest.HTML(200))}, 2, "Ecwid returned 200 with a web page"},
		{"a body that is not JSON", ecwidtest.Options{Fault: once(ecwidtest.Body("It works!"))}, 2, "Ecwid returned 200 with a body that is not JSON"},
		{"a redirect", ecwidtest.Options{Fault: once(ecwidtest.Redirect("https://example.com/"))}, 2, "a redirect to https://example.com/"},
		{"a different JSON document", ecwidtest.Options{Fault: once(ecwidtest.Body(`{"id":1}`))}, 5, ""},
		{"always a 500", ecwidtest.Options{Fault: always(ecwidtest.Status(500, "INTERNAL_ERROR", ""))}, 6, "the store's groups cannot be listed: Ecwid returned 500 INTERNAL_ERROR"},
		{"a quota below the number of pages", ecwidtest.Options{Quota: 3}, 5, ""},
		{"a token without the scope", ecwidtest.Options{Scopes: []string{"update_customers"}}, 1, "the store's groups cannot be listed: Ecwid returned 403"},
		{"a wrong token", ecwidtest.Options{Token: "secret_another"}, 1, "the store's groups cannot be listed: Ecwid returned 403"},
		{"no such store", ecwidtest.Options{Fault: always(ecwidtest.Status(404, "STORE_NOT_FOUND", ""))}, 2, "the store refuses all requests: Ecwid returned 404 STORE_NOT_FOUND$"},
		{"a 410", ecwidtest.Options{Fault: always(ecwidtest.Status(410, "", "gone"))}, 2, "the store refuses all requests: Ecwid returned 410: gone$"},
		{"no such profile", ecwidtest.Options{Fault: always(ecwidtest.Status(404, "PROFILE_NOT_FOUND", ""))}, 2, "the store refuses all requests: Ecwid returned 404 PROFILE_NOT_FOUND$"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.options.Groups = storeOf(299)
				tr := newTrial(t, rows(1), c.options)
				job := tr.job(t.Context())
				if c.options.Token != "" {
					token, _ := ecwid.NewToken("secret_wrong")
					client, err := ecwid.New(ecwid.Config{Store: tr.server.Store(), Token: token, BaseURL: tr.server.URL, Transport: tr.server.Client().Transport})
					if err != nil {
						t.Fatal(err)
					}
					job.Client = client
				}
				groups, requests, err := job.Groups(t.Context())
				if requests != c.requests {
					t.Errorf("%d requests, want %d", requests, c.requests)
				}
				if c.want != "" {
					_, stopped := errors.AsType[*StoppedError](err)
					_, interrupted := errors.AsType[*InterruptedError](err)
					if !stopped && !interrupted || !strings.Contains(err.Error()+"$", c.want) {
						t.Errorf("the error is %v, want %q", err, c.want)
					}
					if _, responded := errors.AsType[*ecwid.Error](err); !responded {
						t.Errorf("the error does not wrap the response: %#v", err)
					}
					return
				}
				if err != nil || len(groups) != 300 {
					t.Fatal(len(groups), err)
				}
				for i, g := range groups {
					if g.ID != int32(i) {
						t.Fatalf("got group %d, want %d", g.ID, i)
					}
				}
			})
		})
	}
}

// While 25,000 groups are listed, another program deletes and creates groups. No group is listed twice,
// and no group is missing that existed throughout.
func TestListingOfAChangingStore(t *testing.T) {
	t.Parallel()
	const n = 25_000
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(1), ecwidtest.Options{Groups: storeOf(n), Quota: 600})
		deleted := map[int32]bool{}
		next := int32(n)
		tr.server.SetFault(func(r ecwidtest.Request) ecwidtest.Fault {
			for k := range 2 * (1 - min(r.N%5, 1)) { // after every fifth page
				id := int32((r.N*7919+k*104_729)%n + 1)
				tr.server.DeleteGroup(id)
				deleted[id] = true
				next++
				tr.server.SetGroup(ecwidtest.Group{ID: next, Name: "new"})
			}
			return ecwidtest.Fault{}
		})
		began := time.Now()
		groups, requests, err := tr.job(t.Context()).Groups(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := map[int32]bool{}
		for _, g := range groups {
			if got[g.ID] {
				t.Errorf("group %d is listed twice", g.ID)
			}
			got[g.ID] = true
		}
		for id := range int32(n + 1) {
			if !got[id] && !deleted[id] {
				t.Errorf("group %d is missing", id)
			}
		}
		for _, r := range tr.server.Requests() {
			if r.Status != http.StatusOK {
				t.Errorf("request %d got the status %d", r.N, r.Status)
			}
		}
		t.Logf("%d groups in %d requests, %v; %d were deleted and as many created meanwhile", len(groups), requests, time.Since(began), len(deleted))
	})
}

// A pulled file that is sent without edits causes no PUT, whatever names and external ids the groups have. Each
// row is unchanged, or invalid if its values could not be sent.
func TestPulledFileNeedsNoPut(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("a \"',;=\t\r\n\\.\u00a0\ufeff\u200b\u2028\x00e\u0301é金\ufffd"))))
	rapid.Check(t, func(rt *rapid.T) {
		used := map[string]bool{}
		var groups []ecwidtest.Group
		for i := range rapid.IntRange(0, 8).Draw(rt, "groups") {
			g := ecwidtest.Group{ID: int32(i + 1), Name: text.Draw(rt, "name"), ExternalReferenceID: text.Draw(rt, "external id")}
			if used[g.ExternalReferenceID] {
				g.ExternalReferenceID = ""
			}
			used[g.ExternalReferenceID] = true
			groups = append(groups, g)
		}
		var faults []string
		synctest.Test(t, func(t *testing.T) {
			tr := newTrial(t, rows(1), ecwidtest.Options{Groups: groups})
			all, _, err := tr.job(t.Context()).Groups(t.Context())
			var file strings.Builder
			if err := errors.Join(err, groupfile.WriteGroups(&file, all[1:])); err != nil {
				t.Fatal(err)
			}
			tr.input = file.String()
			sum, err := tr.run(tr.listing()...)
			if err != nil {
				faults = append(faults, err.Error())
			}
			if puts := tr.puts(); len(puts) > 0 {
				faults = append(faults, fmt.Sprintf("PUTs %q", puts))
			}
			if n := sum.Rows[journal.Unchanged] + sum.Rows[journal.Invalid]; n != len(groups) {
				faults = append(faults, fmt.Sprintf("%v of %d groups", sum.Rows, len(groups)))
			}
		})
		if len(faults) > 0 {
			rt.Fatalf("%q: %v", groups, faults)
		}
	})
}

// The retry of a page calls ListRetry, and not Retry.
func TestListRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(1), ecwidtest.Options{Fault: func(r ecwidtest.Request) ecwidtest.Fault {
			if r.N == 1 {
				return ecwidtest.Status(503, "", "")
			}
			return ecwidtest.Fault{}
		}})
		calls := 0
		job := tr.job(t.Context(), func(j *Job) {
			j.Hooks.Retry = func(row groupfile.Row, _ error, _ time.Duration) { t.Errorf("Retry was called for row %v", row) }
			j.Hooks.ListRetry = func(error, time.Duration) { calls++ }
		})
		if _, _, err := job.Groups(t.Context()); err != nil || calls != 1 {
			t.Errorf("ListRetry was called %d times, %v", calls, err)
		}
	})
}
