package sync

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"

	"pgregory.net/rapid"
)

// Of two rows that want one external id, the earlier one gets it, even if its request is slow, and the record of the
// later one says so.
func TestEarlierRowGetsExternalID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var input strings.Builder
		input.WriteString("groupId,externalReferenceId\n")
		const pairs = 100
		for i := range 2 * pairs {
			fmt.Fprintf(&input, "%d,id-%d\n", i+1, i/2)
		}
		tr := newTrial(t, input.String(), ecwidtest.Options{AnyGroup: true})
		summary, err := tr.run(fast, func(j *Job) { j.Client = tr.slowClient() })
		if err != nil || summary.Rows[journal.Updated] != pairs || summary.Rows[journal.Failed] != pairs || summary.Requests != 2*pairs {
			t.Errorf("%d requests, %v, %v", summary.Requests, summary.Rows, err)
		}
		for i := range pairs {
			first, second := tr.lines()[2*i], tr.lines()[2*i+1]
			reason := fmt.Sprintf("was given to group %d by line %d,", 2*i+1, 2*i+2)
			if !strings.Contains(first, ",updated,") || !strings.Contains(second, ",failed,,409,1,") || !strings.Contains(second, reason) {
				t.Errorf("got %s and %s, want the second to contain %q", first, second, reason)
			}
		}
	})
}

// slowClient returns a client of the trial's store whose requests overtake each other.
func (tr *trial) slowClient() *ecwid.Client {
	tr.t.Helper()
	token, err := ecwid.NewToken(tr.server.Token())
	if err != nil {
		tr.t.Fatal(err)
	}
	client, err := ecwid.New(ecwid.Config{
		Store: tr.server.Store(), Token: token, BaseURL: tr.server.URL,
		Transport: slowTransport{tr.server.Client().Transport, jitter(3, 0, time.Second)},
	})
	if err != nil {
		tr.t.Fatal(err)
	}
	return client
}

// If several rows want one external id, the order of the rows, and the rows that the store refuses, decide which one gets
// it.
func TestRowsThatWantOneExternalID(t *testing.T) {
	for _, c := range []struct {
		name, rows string
		want       []string // the beginning of each record, after the input's cells
		workers    int      // 1: the requests leave in the order of the file
	}{
		{"the earlier one is refused", "1,no,x\n2,,x\n", []string{"failed,,422,1,", "updated,1,200,1,"}, 10},
		{"a third row wants it too", "1,,x\n2,,x\n3,,x\n", []string{"updated,1,200,1,", `failed,,409,1,"externalReferenceId ""x"" was given to group 1 by line 2,`, `failed,,409,1,"externalReferenceId ""x"" was given to group 1 by line 2,`}, 10},
		{"a row gives the id to the group that already holds it", "1,,id-2\n2,,id-2\n", []string{"failed,,409,", "updated,1,200,1,"}, 10},
		{"that group then releases it", "1,,id-2\n2,,id-2\n2,,x\n", []string{"updated,1,200,", "updated,1,200,1,", "updated,1,200,1,"}, 10},
		{"that group then releases it, and two want it", "1,,id-2\n3,,id-2\n2,,id-2\n2,,x\n", []string{"updated,1,200,", `failed,,409,1,"externalReferenceId ""id-2"" was given to group 1 by line 2,`, "updated,1,200,1,", "updated,1,200,1,"}, 10},
		{"the group that got it releases it", "1,,x\n2,,x\n1,,y\n", []string{"updated,1,200,1,", "updated,1,200,", "updated,1,200,1,"}, 10},
		{"two rows of one group", "1,,x\n1,,x\n2,,x\n", []string{"updated,1,200,1,", "updated,1,200,1,", `failed,,409,1,"externalReferenceId ""x"" was given to group 1 by line 3,`}, 10},
		{"another group releases it, and a later row wants it too", "1,,id-2\n2,,y\n3,,id-2\n", []string{"updated,1,200,2,", "updated,1,200,1,", `failed,,409,1,"externalReferenceId ""id-2"" was given to group 1 by line 2,`}, 1},
		{"after a deferred row of its group", "1,,id-2\n1,,x\n3,,x\n2,,y\n", []string{"updated,1,200,2,", "updated,1,200,1,", `failed,,409,1,"externalReferenceId ""x"" was given to group 1 by line 3,`, "updated,1,200,1,"}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, o := exchange(3, func(int) string { return "" })
				o.Fault = func(r ecwidtest.Request) ecwidtest.Fault {
					if strings.Contains(r.Body, `"no"`) {
						return ecwidtest.Status(422, "", "no")
					}
					return ecwidtest.Fault{}
				}
				tr := newTrial(t, "groupId,name,externalReferenceId\n"+c.rows, o)
				if _, err := tr.run(func(j *Job) { j.Concurrency = c.workers }); err != nil {
					t.Fatal(err)
				}
				for i, cells := range strings.Split(strings.TrimSpace(c.rows), "\n") {
					if want := fmt.Sprintf("%d,%s,%s", i+2, cells, c.want[i]); !strings.HasPrefix(tr.lines()[i], want) {
						t.Errorf("got %s, want %s", tr.lines()[i], want)
					}
				}
			})
		})
	}
}

// A row without an external id fails if the store reports a conflict of external ids.
func TestConflictOfRowWithoutExternalID(t *testing.T) {
	tr := newTrial(t, "groupId,name\n1,a\n2,b\n", ecwidtest.Options{AnyGroup: true, Fault: func(ecwidtest.Request) ecwidtest.Fault {
		return ecwidtest.Status(409, "EXTERNAL_ID_ALREADY_USED", "")
	}})
	summary, err := tr.run()
	if err != nil || summary.Rows[journal.Failed] != 2 || summary.Requests != 2 {
		t.Errorf("got %+v, %v", summary, err)
	}
}

// Rows that fail with a 409 count as failures.
func TestMaxFailuresOnConflicts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 5 * window
		input, o := exchange(n, func(i int) string { return fmt.Sprintf("id-%d", (i+n/2)%n+1) })
		tr := newTrial(t, input, o)
		summary, err := tr.run(fast, func(j *Job) { j.MaxFailures = 7 })
		if _, ok := errors.AsType[*StoppedError](err); !ok {
			t.Fatalf("got %v", err)
		}
		if n := summary.Rows[journal.Failed]; n < 7 || n > 7+10 {
			t.Errorf("%d rows failed, want 7, and with 10 workers at most 10 more", n)
		}
		if summary.Requests > window+10 {
			t.Errorf("%d requests, want one for each row of the window", summary.Requests)
		}
	})
}

// A run with a limit settles at least one row and at most as many as the limit, even if the first rows wait for
// external ids that later rows release.
func TestLimitOnDeferredRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, o := exchange(3, func(int) string { return "" })
		tr := newTrial(t, "groupId,externalReferenceId\n1,id-2\n2,x\n3,d\n", o)
		if err := tr.runLimited(1); err != nil {
			t.Error(err)
		}
		for _, line := range tr.lines() {
			if !strings.Contains(line, ",updated,") {
				t.Errorf("got %s", line)
			}
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(1, 4).Draw(rt, "limit")
		draw(rt, false).try(t, rt, func(tr *trial) error { return tr.runLimited(limit) })
	})
}

// runLimited runs the job repeatedly until every row is settled.
func (tr *trial) runLimited(limit int) error {
	before := 0
	for {
		summary, err := tr.run(func(j *Job) { j.Limit = limit })
		settled := summary.Total() - before
		_, limited := errors.AsType[*InterruptedError](err)
		switch {
		case err != nil && !limited, settled > limit, limited && settled == 0:
			return fmt.Errorf("a run with the limit %d settled %d rows: %v", limit, settled, err)
		case err == nil:
			return nil
		}
		before = summary.Total()
	}
}
