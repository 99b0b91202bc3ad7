package sync

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"
	"groupsync/sync/quota"
)

// addLatency delays each request by 10 to 250 ms, so that requests that leave a minute apart may arrive a quarter of a
// second closer together.
func (tr *trial) addLatency(job *Job) {
	transport := slowTransport{tr.server.Client().Transport, jitter(7, 10*time.Millisecond, 250*time.Millisecond)}
	token, _ := ecwid.NewToken(tr.server.Token())
	var err error
	job.Client, err = ecwid.New(ecwid.Config{Store: tr.server.Store(), Token: token, BaseURL: tr.server.URL, Transport: transport})
	if err != nil {
		tr.t.Fatal(err)
	}
}

func storeWithLatency(quota int) ecwidtest.Options {
	return ecwidtest.Options{AnyGroup: true, Quota: quota, Latency: jitter(8, 10*time.Millisecond, 250*time.Millisecond)}
}

func TestPaceOfALongRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(3000), storeWithLatency(600))
		summary, err := tr.run(tr.addLatency)
		if err != nil {
			t.Fatal(err)
		}
		tr.wantAll(3000, journal.Updated)
		busiest := tr.server.Busiest(time.Minute)
		t.Logf("3,000 rows: %v, busiest minute %d, %d responses with status 429", summary.Elapsed, busiest, summary.RateLimited)
		if summary.RateLimited != 0 || busiest > 600 || summary.Elapsed > 306*time.Second {
			t.Error("that is more than the quota, or slower than it allows")
		}
	})
}

// A small file does not wait for the quota: 500 rows take only as long as ten connections need to send them.
func TestPaceOfASmallFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(500), storeWithLatency(600))
		summary, err := tr.run(tr.addLatency)
		if err != nil {
			t.Fatal(err)
		}
		// 500 times 260 ms on average, over ten connections
		t.Logf("500 rows: %v, %d responses with status 429", summary.Elapsed, summary.RateLimited)
		if summary.RateLimited != 0 || summary.Elapsed > 14*time.Second {
			t.Error("that is more than the quota, or slower than the connections allow")
		}
	})
}

// The requests of a run that was stopped count against the quota of the run that continues it.
func TestPaceOfAResumedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(1000), storeWithLatency(0))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if _, err := tr.job(ctx, tr.addLatency).Run(ctx); err == nil {
			t.Fatal("the run was not stopped")
		}
		if _, err := tr.run(tr.addLatency); err != nil {
			t.Fatal(err)
		}
		tr.wantAll(1000, journal.Updated)
		busiest := tr.server.Busiest(time.Minute)
		t.Logf("busiest minute of both runs: %d", busiest)
		if busiest > 600 {
			t.Error("that is more than the quota")
		}
	})
}

// If a run of a small file is continued at once, the rest is not sent in one burst either.
func TestPaceOfAResumedSmallFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(1040), storeWithLatency(0))
		if _, err := tr.run(tr.addLatency, func(j *Job) { j.Limit = 520 }); err == nil {
			t.Fatal("the run was not stopped")
		}
		if _, err := tr.run(tr.addLatency); err != nil {
			t.Fatal(err)
		}
		tr.wantAll(1040, journal.Updated)
		if busiest := tr.server.Busiest(time.Minute); busiest > 600 {
			t.Errorf("busiest minute of both runs: %d", busiest)
		}
	})
}

// The quota of the store is half the rate of the job.
func TestQuotaSmallerThanConfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(3000), storeWithLatency(300))
		summary, err := tr.run(tr.addLatency)
		if err != nil {
			t.Fatal(err)
		}
		tr.wantAll(3000, journal.Updated)
		t.Logf("%d pauses, %d responses with status 429, %v", summary.Pauses, summary.RateLimited, summary.Elapsed)
		if summary.Pauses > 10 || summary.RateLimited > 10*summary.Pauses {
			t.Error("too many pauses, or too many requests before each pause")
		}
	})
}

// No window holds more requests than the rate allows, for low and high rates, and for few and many rows.
func TestNoWindowExceedsRate(t *testing.T) {
	for _, rate := range []quota.Rate{{Requests: 1, Window: time.Second}, {Requests: 2, Window: time.Second}, {Requests: 10, Window: time.Second}, {Requests: 7, Window: time.Minute}, {Requests: 121, Window: time.Minute}, {Requests: 600, Window: time.Minute}} {
		for _, n := range []int{rate.Requests * 9 / 10, 3*rate.Requests + 5} {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, rows(n), ecwidtest.Options{AnyGroup: true})
				if _, err := tr.run(func(j *Job) { j.Rate = rate }); err != nil {
					t.Fatal(err)
				}
				if busiest := tr.server.Busiest(rate.Window); busiest > rate.Requests {
					t.Errorf("%v, %d rows: %d in one window", rate, n, busiest)
				}
			})
		}
	}
}

// killed returns a trial of the same input on the same store, with the results that a run leaves if it is killed now.
func (tr *trial) killed() *trial {
	tr.t.Helper()
	left := *tr
	left.path = filepath.Join(tr.t.TempDir(), "results.csv")
	data, err := os.ReadFile(tr.path)
	if err != nil {
		tr.t.Fatal(err)
	}
	info, err := os.Stat(tr.path)
	if err != nil {
		tr.t.Fatal(err)
	}
	if err := os.WriteFile(left.path, data, 0o644); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.Chtimes(left.path, time.Time{}, info.ModTime()); err != nil {
		tr.t.Fatal(err)
	}
	return &left
}

// A run is killed after it has sent its rows. Only the first of them is recorded, because the second one is slow. The
// requests of both the run and the run that continues it count against one quota.
func TestQuotaAfterAKill(t *testing.T) {
	for _, c := range []struct {
		rows    int
		latency time.Duration
		kill    time.Duration
	}{
		{540, 10 * time.Millisecond, 5 * time.Second},   // all at once
		{540, 900 * time.Millisecond, 65 * time.Second}, // over most of a minute, and the results are older than a minute
		{540, 10 * time.Millisecond, 59 * time.Second},
		{540, 10 * time.Millisecond, 70 * time.Second},
		{25, 10 * time.Millisecond, 5 * time.Second},
		{900, 10 * time.Millisecond, 30 * time.Second}, // evenly
	} {
		t.Run(fmt.Sprintf("%d rows, killed after %v", c.rows, c.kill), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slow := true
				tr := newTrial(t, rows(c.rows), ecwidtest.Options{AnyGroup: true, Fault: func(r ecwidtest.Request) ecwidtest.Fault {
					if r.GroupID == 2 && slow {
						slow = false
						return ecwidtest.Slow(5 * time.Minute)
					}
					return ecwidtest.Slow(c.latency)
				}})
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() {
					defer close(done)
					tr.job(ctx, func(j *Job) { j.Timeout = 10 * time.Minute }).Run(ctx)
				}()
				// The file system does not use the clock of synctest.
				time.Sleep(100 * time.Millisecond)
				if err := os.Chtimes(tr.path, time.Time{}, time.Now()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(c.kill - 100*time.Millisecond)
				left := tr.killed()
				before := len(tr.server.Requests())
				if c.rows > 540 {
					cancel() // there are rows left to send
				}
				summary, err := left.run()
				if err != nil {
					t.Fatal(err)
				}
				left.wantAll(c.rows, journal.Updated)
				busiest := tr.server.Busiest(time.Minute)
				t.Logf("%d requests before, %d after in %v, busiest minute %d", before, summary.Requests, summary.Elapsed, busiest)
				if busiest > 600 {
					t.Errorf("busiest minute of both runs: %d", busiest)
				}
				// After a minute, the requests of the earlier run do not count.
				atMost := 64*time.Second + (quota.Rate{Requests: 600, Window: time.Minute}).Duration(c.rows) + time.Duration(c.rows)*c.latency/10
				if summary.Elapsed > atMost {
					t.Errorf("the run that continues took %v", summary.Elapsed)
				}
				cancel()
				<-done
			})
		})
	}
}

// After a 429 to a burst of all rows, the rest is sent slowly until the burst has left the window.
func TestQuotaAfterA429InABurst(t *testing.T) {
	for name, refused := range map[string]func(n int) bool{
		"every second request":   func(n int) bool { return n < 600 && n%2 == 0 },
		"every third request":    func(n int) bool { return n < 600 && n%3 == 0 },
		"the end of the burst":   func(n int) bool { return n > 400 && n <= 540 },
		"the first and the last": func(n int) bool { return n == 1 || n == 540 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := ecwidtest.Options{AnyGroup: true, Fault: func(r ecwidtest.Request) ecwidtest.Fault {
					if refused(r.N) {
						return ecwidtest.RateLimited("1").After(time.Second)
					}
					return ecwidtest.Fault{}
				}}
				tr := newTrial(t, rows(540), o)
				summary, err := tr.run(func(j *Job) { j.Concurrency = 150 })
				if err != nil {
					t.Fatal(err)
				}
				tr.wantAll(540, journal.Updated)
				busiest := tr.server.Busiest(time.Minute)
				t.Logf("%d requests in %v, busiest minute %d", summary.Requests, summary.Elapsed, busiest)
				if busiest > 600 {
					t.Errorf("busiest minute: %d", busiest)
				}
				if summary.Elapsed > 3*time.Minute {
					t.Errorf("the run took %v", summary.Elapsed)
				}
			})
		})
	}
}

// A server closes each connection after one response. The requests that are repeated because of that pass through the
// gate as well.
func TestQuotaOfRepeatedGETs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := ecwidtest.Options{Groups: storeOf(40_000), Fault: func(r ecwidtest.Request) ecwidtest.Fault {
			if r.N%2 == 0 {
				return ecwidtest.Reset()
			}
			return ecwidtest.Fault{}
		}}
		tr := newTrial(t, rows(1), o)
		groups, requests, err := tr.job(t.Context()).Groups(t.Context())
		if err != nil || len(groups) != 40_001 {
			t.Fatalf("got %d groups, %v", len(groups), err)
		}
		if n := len(tr.server.Requests()); n != requests || n < 800 {
			t.Errorf("%d requests arrived, and %d were counted", n, requests)
		}
		if busiest := tr.server.Busiest(time.Minute); busiest > 600 {
			t.Errorf("busiest minute: %d", busiest)
		}
	})
}

// If a store refuses requests at random, regardless of their rate, each refusal costs one pause, and the other requests
// are not slowed down.
func TestPaceUnderRandom429s(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(3, 3))
		o := storeWithLatency(0)
		o.Fault = func(r ecwidtest.Request) ecwidtest.Fault {
			if random.IntN(100) < 3 {
				return ecwidtest.RateLimited("1")
			}
			return ecwidtest.Fault{}
		}
		tr := newTrial(t, rows(3000), o)
		summary, err := tr.run(tr.addLatency)
		if err != nil {
			t.Fatal(err)
		}
		tr.wantAll(3000, journal.Updated)
		t.Logf("3,000 rows: %v, %d pauses", summary.Elapsed, summary.Pauses)
		// A run without pauses takes 305 s.
		if atMost := 3*305*time.Second/2 + time.Duration(summary.Pauses)*time.Second; summary.Elapsed > atMost {
			t.Errorf("the run took %v, want at most %v", summary.Elapsed, atMost)
		}
	})
}
