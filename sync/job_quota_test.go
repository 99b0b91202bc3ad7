package sync

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/quota"
)

// No request leaves during a pause.
func TestPauseHoldsAllRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var limited atomic.Bool
		o := storeWithLatency(0)
		o.Fault = func(r ecwidtest.Request) ecwidtest.Fault {
			if r.N == 50 {
				limited.Store(true)
				return ecwidtest.RateLimited("120")
			}
			return ecwidtest.Fault{}
		}
		tr := newTrial(t, rows(300), o)
		var until time.Time
		if _, err := tr.run(func(j *Job) { j.Hooks.Paused = func(u time.Time, _ time.Duration) { until = u } }); err != nil {
			t.Fatal(err)
		}
		tr.wantAll(300, journal.Updated)
		read := tr.server.Requests()[49].Answered
		if until.Sub(read) != 2*time.Minute {
			t.Errorf("paused until %v after the 429 was read", until.Sub(read))
		}
		for _, r := range tr.server.Requests() {
			if r.Arrived.After(read) && r.Arrived.Before(until) {
				t.Errorf("request %d arrived %v after the 429 was read", r.N, r.Arrived.Sub(read))
			}
		}
	})
}

func TestRetryAfterFormats(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"":     quota.DefaultPause,
		"0":    time.Second,
		"soon": quota.DefaultPause,
		"45":   45 * time.Second,
		// a date: the clock of synctest begins at midnight of 2000-01-01
		"Sat, 01 Jan 2000 00:01:00 GMT": time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			o := ecwidtest.Options{AnyGroup: true, Fault: func(r ecwidtest.Request) ecwidtest.Fault {
				if r.N == 1 {
					return ecwidtest.RateLimited(header)
				}
				return ecwidtest.Fault{}
			}}
			summary, err := newTrial(t, rows(1), o).run()
			if err != nil || summary.Elapsed != want {
				t.Errorf("%q: waited %v, %v, want %v", header, summary.Elapsed, err, want)
			}
		})
	}
}

// A Retry-After for one row is limited to MaxOutage, and the hook gets the limited time.
func TestLongRetryAfter(t *testing.T) {
	for _, times := range []int{1, 5} {
		synctest.Test(t, func(t *testing.T) {
			refused := 0
			tr := newTrial(t, rows(20), ecwidtest.Options{AnyGroup: true, Fault: func(r ecwidtest.Request) ecwidtest.Fault {
				if r.GroupID == 5 && refused < times {
					refused++
					return ecwidtest.Status(503, "", "").With("Retry-After", "3600")
				}
				return ecwidtest.Fault{}
			}})
			var longest time.Duration
			summary, err := tr.run(func(j *Job) {
				j.Hooks.Retry = func(_ groupfile.Row, _ error, wait time.Duration) { longest = max(longest, wait) }
			})
			if err != nil || summary.Rows[journal.Updated]+summary.Rows[journal.Failed] != 20 {
				t.Fatalf("got %v, %v", summary.Rows, err)
			}
			if longest != 15*time.Minute || summary.Elapsed < longest || summary.Elapsed > longest+time.Minute {
				t.Errorf("%d responses: the hook got %v, the run took %v", times, longest, summary.Elapsed)
			}
		})
	}
}
