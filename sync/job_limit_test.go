package sync

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"
	"groupsync/sync/quota"
)

func TestLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(25), ecwidtest.Options{AnyGroup: true})
		for _, want := range []int{10, 20} {
			_, err := tr.run(func(j *Job) { j.Limit = 10 })
			if _, ok := errors.AsType[*InterruptedError](err); !ok {
				t.Fatalf("got %v", err)
			}
			tr.wantAll(want, journal.Updated)
		}
		// the last five are fewer than the limit
		if _, err := tr.run(func(j *Job) { j.Limit = 10 }); err != nil {
			t.Fatal(err)
		}
		tr.wantAll(25, journal.Updated)
		summary, err := tr.run()
		if err != nil || summary.CompleteSince.IsZero() || summary.Requests != 0 || summary.Recorded != 25 {
			t.Errorf("got %+v, %v", summary, err)
		}
	})
}

// A stop can leave unsettled rows between recorded ones. The limit applies to these as well.
func TestLimitBetweenRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(40), ecwidtest.Options{AnyGroup: true})
		if _, err := tr.run(); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(tr.path)
		if err != nil {
			t.Fatal(err)
		}
		records := strings.SplitAfter(string(data), "\n")
		gaps := slices.Concat(records[:6], records[20:22], records[30:31]) // 5, 2 and 1 records
		if err := os.WriteFile(tr.path, []byte(strings.Join(gaps, "")), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{8 + 10, 8 + 20} {
			before := len(tr.server.Requests())
			summary, err := tr.run(func(j *Job) { j.Limit = 10 })
			if _, ok := errors.AsType[*InterruptedError](err); !ok {
				t.Fatalf("got %v", err)
			}
			if n := len(tr.server.Requests()) - before; n != 10 || summary.Total() != want {
				t.Errorf("%d requests were sent, and %d rows are settled, want 10 and %d", n, summary.Total(), want)
			}
		}
		if _, err := tr.run(); err != nil {
			t.Fatal(err)
		}
		tr.wantAll(40, journal.Updated)
	})
}

func TestMaxFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(3000), ecwidtest.Options{}) // none of the groups exists
		_, err := tr.run(func(j *Job) { j.MaxFailures = 7; j.Rate = quota.Rate{Requests: 1_000_000, Window: time.Second} })
		if _, ok := errors.AsType[*StoppedError](err); !ok {
			t.Fatalf("got %v", err)
		}
		if n := len(tr.server.Requests()); n < 7 || n > 7+10 {
			t.Errorf("%d requests were sent for 7 failures, with 10 workers", n)
		}
	})
}
