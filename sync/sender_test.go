package sync

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"
	"groupsync/sync/quota"
)

// If a tenth of the requests fail in any way, every row is updated in the end.
func TestFaultsOfEveryKind(t *testing.T) {
	t.Parallel()
	faults := []ecwidtest.Fault{
		ecwidtest.Reset(),
		ecwidtest.Reset().Applied(),
		ecwidtest.Stall(),
		ecwidtest.Stall().Applied(),
		ecwidtest.HalfBody(),
		ecwidtest.HalfBody().Applied(),
		ecwidtest.HTML(502),
		ecwidtest.Body(`{}`),
		ecwidtest.Status(408, "TIMEOUT", ""),
		ecwidtest.Status(500, "INTERNAL_ERROR", "").Applied(),
		ecwidtest.Status(503, "", "").With("Retry-After", "7"),
		ecwidtest.RateLimited("3"),
	}
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		used := map[int]int{}
		attempts := map[int32]int{}
		o := ecwidtest.Options{AnyGroup: true, Latency: jitter(5, 20*time.Millisecond, 500*time.Millisecond)}
		o.Fault = func(r ecwidtest.Request) ecwidtest.Fault {
			// At most four faults for one row: a fifth would use up its attempts.
			if attempts[r.GroupID]++; attempts[r.GroupID] > 4 || random.IntN(10) > 0 {
				return ecwidtest.Fault{}
			}
			kind := random.IntN(len(faults))
			if kind == len(faults)-1 && random.IntN(10) > 0 {
				kind = 0 // only a few 429s, because each is a pause
			}
			used[kind]++
			return faults[kind]
		}
		tr := newTrial(t, rows(5000), o)
		summary, err := tr.run()
		if err != nil {
			t.Fatal(err)
		}
		tr.wantAll(5000, journal.Updated)
		for i := range faults {
			if used[i] == 0 {
				t.Errorf("fault %d was not used", i)
			}
		}
		t.Logf("%d requests, %d retries, %d responses with status 429", summary.Requests, summary.Retries, summary.RateLimited)
	})
}

// The outcome of a row follows from the response.
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault ecwidtest.Fault
		want  string // of the record, after the cells
	}{
		{"bad row", ecwidtest.Status(400, "WRONG_PARAMETER", "Field X.name is absent"), "failed,,400,1,Ecwid returned 400 WRONG_PARAMETER: Field X.name is absent,"},
		{"no such group", ecwidtest.Status(404, "", "Customer group #1 not found"), "failed,,404,1,Ecwid returned 404: Customer group #1 not found,"},
		{"constraint", ecwidtest.Status(409, "CONSTRAINT_VIOLATION", ""), "failed,,409,1,Ecwid returned 409 CONSTRAINT_VIOLATION,"},
		{"another bad row", ecwidtest.Status(422, "", ""), "failed,,422,1,Ecwid returned 422 (Unprocessable Entity),"},
		{"its attempts are used up", ecwidtest.Status(500, "INTERNAL_ERROR", ""), "failed,,500,5,Ecwid returned 500 INTERNAL_ERROR,"},
		{"a message that a spreadsheet would take for a formula", ecwidtest.Status(418, "", "=1+1\n\x00\u202e"), "failed,,418,1,Ecwid returned 418: =1+1,"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := ecwidtest.Options{AnyGroup: true, Fault: func(r ecwidtest.Request) ecwidtest.Fault {
					if r.GroupID == 1 {
						return c.fault
					}
					return ecwidtest.Fault{}
				}}
				tr := newTrial(t, rows(3), o)
				if _, err := tr.run(); err != nil {
					t.Fatal(err)
				}
				if got := strings.TrimPrefix(tr.lines()[0], "2,1,name 1,erp-1,"); got != c.want+tr.server.Store() {
					t.Errorf("got %s, want %s", got, c.want)
				}
			})
		})
	}
}

// If updateCount is 0, one GET shows whether the store holds the values, if the token has the scope for it.
func TestUpdateCountZero(t *testing.T) {
	seeded := []ecwidtest.Group{{ID: 1, Name: "name 1", ExternalReferenceID: "erp-1"}, {ID: 2, Name: "old"}, {ID: 3, Name: "old"}}
	for _, c := range []struct {
		name    string
		options ecwidtest.Options
		want    []string // status, updateCount and httpStatus of each row
		gets    int
		noScope bool
	}{
		{
			"nothing changed",
			ecwidtest.Options{ZeroUpdate: ecwidtest.ZeroWhenUnchanged},
			[]string{"unchanged,0,200,1,", "updated,1,200,1,", "updated,1,200,1,"},
			1, false,
		},
		{
			"silently refused",
			ecwidtest.Options{ZeroUpdate: ecwidtest.ZeroRefused, Refused: []int32{2}},
			[]string{"updated,1,200,1,", "not_updated,0,200,1,", "updated,1,200,1,"},
			1, false,
		},
		{ // the 403 does not end the run, and no further GET is sent
			"no scope to read groups",
			ecwidtest.Options{ZeroUpdate: ecwidtest.ZeroRefused, Scopes: []string{"update_customers"}},
			[]string{"not_updated,0,200,1,", "not_updated,0,200,1,", "not_updated,0,200,1,"},
			1, true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.options.Groups = seeded
				tr := newTrial(t, rows(3), c.options)
				summary, err := tr.run(func(j *Job) { j.Concurrency = 1 })
				if err != nil || summary.NoReadScope != c.noScope {
					t.Fatalf("got %+v, %v", summary, err)
				}
				for i, line := range tr.lines() {
					if want := fmt.Sprintf("%d,%d,name %d,erp-%d,%s", i+2, i+1, i+1, i+1, c.want[i]); !strings.HasPrefix(line, want) {
						t.Errorf("got %s, want %s", line, want)
					}
				}
				gets := 0
				for _, r := range tr.server.Requests() {
					if r.Method == http.MethodGet {
						gets++
					}
				}
				if gets != c.gets {
					t.Errorf("%d GETs, want %d", gets, c.gets)
				}
			})
		})
	}
}

// exchange returns an input that gives group i the external id takes(i), and a store in which group i holds id-i.
func exchange(n int, takes func(int) string) (string, ecwidtest.Options) {
	var b strings.Builder
	b.WriteString("groupId,externalReferenceId\n")
	o := ecwidtest.Options{Latency: jitter(6, 10*time.Millisecond, 100*time.Millisecond)}
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "%d,%s\n", i, takes(i))
		o.Groups = append(o.Groups, ecwidtest.Group{ID: int32(i), Name: "g", ExternalReferenceID: fmt.Sprintf("id-%d", i)})
	}
	return b.String(), o
}

// The ids of a chain are released beginning at its end.
func TestChainOfExternalIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		input, o := exchange(200, func(i int) string { return fmt.Sprintf("id-%d", i+1) })
		tr := newTrial(t, input, o)
		summary, err := tr.run(func(j *Job) { j.Rate = quota.Rate{Requests: 100_000, Window: time.Second} })
		if err != nil || summary.Rows[journal.Updated] != 200 {
			t.Fatalf("got %v, %v", summary.Rows, err)
		}
		for _, g := range tr.server.Groups()[1:] {
			if want := fmt.Sprintf("id-%d", g.ID+1); g.ExternalReferenceID != want {
				t.Errorf("group %d holds %s, want %s", g.ID, g.ExternalReferenceID, want)
			}
		}
		t.Logf("%d requests for a chain of 200", summary.Requests)
	})
}

// Without a list of the groups, two groups cannot swap their ids: both rows fail, and their records name the id. All
// later rows are sent.
func TestSwapOfExternalIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, o := exchange(2, func(int) string { return "" })
		o.AnyGroup = true
		var input strings.Builder
		input.WriteString("groupId,name,externalReferenceId\n1,a,id-2\n2,b,id-1\n1,c,\n")
		for i := range 3 * window {
			fmt.Fprintf(&input, "%d,x,\n", i+10)
		}
		tr := newTrial(t, input.String(), o)
		summary, err := tr.run(func(j *Job) { j.Rate = quota.Rate{Requests: 100_000, Window: time.Second} })
		if err != nil || summary.Rows[journal.Failed] != 2 || summary.Rows[journal.Updated] != 3*window+1 {
			t.Fatalf("got %v, %v", summary.Rows, err)
		}
		for i, id := range []string{"id-2", "id-1"} {
			if line := tr.lines()[i]; !strings.Contains(line, "failed,,409,") || !strings.Contains(line, id) {
				t.Errorf("got %s, want it to name %s", line, id)
			}
		}
	})
}

// An id is released by the last row of the window, or by the first one after it.
func TestDeferredAcrossTheWindow(t *testing.T) {
	for _, c := range []struct {
		between int
		want    journal.Status
	}{{window - 1, journal.Updated}, {window, journal.Failed}} {
		synctest.Test(t, func(t *testing.T) {
			_, o := exchange(2, func(int) string { return "" })
			o.AnyGroup = true
			var input strings.Builder
			input.WriteString("groupId,externalReferenceId\n1,id-2\n")
			for i := range c.between {
				fmt.Fprintf(&input, "%d,x-%d\n", i+10, i)
			}
			input.WriteString("2,id-new\n")
			tr := newTrial(t, input.String(), o)
			summary, err := tr.run(func(j *Job) { j.Rate = quota.Rate{Requests: 100_000, Window: time.Second} })
			if err != nil || !strings.Contains(tr.lines()[0], ","+string(c.want)+",") {
				t.Errorf("%d rows between: got %v, %v, %s", c.between, summary.Rows, err, tr.lines()[0])
			}
		})
	}
}
