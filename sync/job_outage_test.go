package sync

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"
)

// outage returns a fault that lasts from one time to another, counted from the call.
func outage(from, to time.Duration, fault ecwidtest.Fault) func(ecwidtest.Request) ecwidtest.Fault {
	began := time.Now()
	return func(r ecwidtest.Request) ecwidtest.Fault {
		if at := r.Arrived.Sub(began); at >= from && at < to {
			return fault
		}
		return ecwidtest.Fault{}
	}
}

func TestOutage(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]ecwidtest.Fault{
		"reset": ecwidtest.Reset(),
		"stall": ecwidtest.Stall(),
		"503":   ecwidtest.Status(503, "", "").After(200 * time.Millisecond),
		"page":  ecwidtest.HTML(502),
		"half":  ecwidtest.HalfBody(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := ecwidtest.Options{AnyGroup: true, Latency: jitter(4, 20*time.Millisecond, 500*time.Millisecond)}
				tr := newTrial(t, rows(2000), o)
				tr.server.SetFault(outage(100*time.Second, 700*time.Second, fault))
				var recognized, back time.Time
				summary, err := tr.run(func(j *Job) {
					j.Hooks.Outage = func(_, _ time.Time, _ error) { recognized = time.Now() }
					j.Hooks.Back = func(time.Duration) { back = time.Now() }
				})
				if err != nil {
					t.Fatal(err)
				}
				tr.wantAll(2000, journal.Updated)
				t.Logf("outage recognized after %v, over after %v; %d requests in all", recognized.Sub(summary.Started), back.Sub(summary.Started), summary.Requests)
				var busyUntil time.Time
				for _, r := range tr.server.Requests() {
					if !r.Arrived.After(recognized) || !r.Arrived.Before(back) {
						if r.Answered.After(busyUntil) && r.Arrived.Before(back) {
							busyUntil = r.Answered
						}
						continue
					}
					if r.Arrived.Before(busyUntil) {
						t.Fatalf("request %d arrived while another was in flight", r.N)
					}
					busyUntil = r.Answered
				}
			})
		})
	}
}

func TestOutageThatDoesNotEnd(t *testing.T) {
	for name, from := range map[string]time.Duration{"from the start": 0, "in the middle": 30 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, rows(2000), ecwidtest.Options{AnyGroup: true})
				tr.server.SetFault(outage(from, 1000*time.Hour, ecwidtest.Reset()))
				summary, err := tr.run()
				if _, ok := errors.AsType[*InterruptedError](err); !ok {
					t.Fatalf("got %v", err)
				}
				if late := summary.Elapsed - from - 15*time.Minute; late < 0 || late > time.Minute {
					t.Errorf("the run ended after %v", summary.Elapsed)
				}
				if summary.Rows[journal.Failed] != 0 {
					t.Errorf("%d rows are recorded as failed", summary.Rows[journal.Failed])
				}
			})
		})
	}
}

// A row that always gets a 500 fails, and does not count as an outage, even with a single worker.
func TestRowThatAlwaysFails(t *testing.T) {
	for _, concurrency := range []int{1, 2, 10} {
		synctest.Test(t, func(t *testing.T) {
			o := ecwidtest.Options{AnyGroup: true, Fault: func(r ecwidtest.Request) ecwidtest.Fault {
				if r.GroupID == 10 || r.GroupID == 20 {
					return ecwidtest.Status(500, "INTERNAL_ERROR", "")
				}
				return ecwidtest.Fault{}
			}}
			tr := newTrial(t, rows(40), o)
			summary, err := tr.run(func(j *Job) { j.Concurrency = concurrency })
			if err != nil || summary.Rows[journal.Failed] != 2 || summary.Rows[journal.Updated] != 38 {
				t.Errorf("%d workers: %v, %v", concurrency, summary.Rows, err)
			}
			// five attempts each, and a few more during what looked like an outage
			if n := len(tr.server.Requests()); n < 38+2*5 || n > 38+2*7 {
				t.Errorf("%d workers: %d requests", concurrency, n)
			}
		})
	}
}

// If the last row gets no response, the run ends as soon as the outage has lasted for MaxOutage.
func TestOutageOfFewRows(t *testing.T) {
	for name, c := range map[string]struct {
		fault     ecwidtest.Fault
		maxOutage time.Duration
		want      time.Duration // at most
	}{
		"reset":                       {ecwidtest.Reset(), 5 * time.Second, 6 * time.Second},
		"stall":                       {ecwidtest.Stall(), 5 * time.Second, 31 * time.Second}, // one attempt takes 30 s
		"reset, with a longer outage": {ecwidtest.Reset(), 5 * time.Minute, 5*time.Minute + time.Second},
		"stall, with a longer outage": {ecwidtest.Stall(), 5 * time.Minute, 5*time.Minute + 31*time.Second},
		"reset, without waiting":      {ecwidtest.Reset(), 1, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// The last row has the group of the first one, so that it is not sent before that one is settled.
				tr := newTrial(t, "groupId,name\n1,a\n2,b\n1,last\n", ecwidtest.Options{AnyGroup: true, Fault: func(r ecwidtest.Request) ecwidtest.Fault {
					if strings.Contains(r.Body, "last") {
						return c.fault
					}
					return ecwidtest.Fault{}
				}})
				var announced time.Duration
				began := time.Now()
				summary, err := tr.run(func(j *Job) {
					j.MaxOutage = c.maxOutage
					j.Hooks.Outage = func(time.Time, time.Time, error) { announced = time.Since(began) }
				})
				if _, ok := errors.AsType[*InterruptedError](err); !ok || summary.Rows[journal.Updated] != 2 || summary.Rows[journal.Failed] != 0 {
					t.Errorf("got %v, %v", summary.Rows, err)
				}
				if summary.Elapsed < c.maxOutage || summary.Elapsed > c.want {
					t.Errorf("the run ended after %v, want %v to %v", summary.Elapsed, c.maxOutage, c.want)
				}
				if announced == 0 || announced > 31*time.Second {
					t.Errorf("the outage was announced after %v", announced)
				}
			})
		})
	}
}

// Requests that were in flight when an outage began do not increase the interval of the probes.
func TestRequestsInFlightAtOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := ecwidtest.Options{AnyGroup: true, Latency: func() time.Duration { return 100 * time.Millisecond }}
		tr := newTrial(t, rows(300), o)
		var outage, back atomic.Pointer[time.Time]
		// The store is back 5 s after the outage was noticed. At most two probes later, the run notices that.
		isBack := func(now time.Time) bool {
			since := outage.Load()
			return since != nil && now.After(since.Add(5*time.Second))
		}
		tr.server.SetFault(func(r ecwidtest.Request) ecwidtest.Fault {
			if r.N <= 100 || isBack(r.Arrived) {
				return ecwidtest.Fault{}
			}
			// The later ones take longer, so that they end after the outage has begun.
			return ecwidtest.Reset().After(time.Duration(r.N-100) * 100 * time.Millisecond)
		})
		if _, err := tr.run(func(j *Job) {
			j.Hooks.Outage = func(time.Time, time.Time, error) { outage.Store(new(time.Now())) }
			j.Hooks.Back = func(time.Duration) { back.Store(new(time.Now())) }
		}); err != nil {
			t.Fatal(err)
		}
		tr.wantAll(300, journal.Updated)
		if late := back.Load().Sub(*outage.Load()) - 5*time.Second; late < 0 || late > 10*time.Second {
			t.Errorf("the store was found to be back after %v", late)
		}
	})
}
