package main

import (
	"testing"
	"testing/synctest"
	"time"

	"groupsync/sync/journal"
	"groupsync/sync/quota"
)

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // its clock begins at 2000-01-01 00:00:00 UTC
		p := newProgress(quota.Rate{Requests: 600, Window: time.Minute}, 0)
		at := func(name, want string) {
			t.Helper()
			if got := p.line(time.Now()); got != want {
				t.Errorf("%s:\n got %q\nwant %q", name, got, want)
			}
		}
		at("before anything is known", "0 rows  0.0/s")
		p.begun(map[journal.Status]int{journal.Updated: 100})
		p.counted(1100)
		at("an earlier run settled some", "100/1100 9%  0.0/s  1m40s left  updated 100")
		time.Sleep(10 * time.Second)
		for range 50 {
			p.settled(journal.Updated)
		}
		at("the quota allows ten a second, but the store is slower", "150/1100 13%  5.0/s  3m10s left  updated 150")
		if !p.paused(time.Now().Add(time.Minute)) {
			t.Error("a pause is not logged")
		}
		if p.paused(time.Now().Add(time.Minute + time.Millisecond)) {
			t.Error("the same pause is logged again")
		}
		time.Sleep(30 * time.Second)
		at("a pause is shown", "150/1100 13%  waiting for quota until 00:01:10 UTC  updated 150")
		p.paused(time.Now().Add(time.Minute))
		at("a pause is extended", "150/1100 13%  waiting for quota until 00:01:40 UTC  updated 150")
		time.Sleep(time.Minute)
		at("a pause does not count for the speed", "150/1100 13%  5.0/s  3m10s left  updated 150")
		p.outage(time.Now())
		time.Sleep(20 * time.Second)
		at("an outage is shown", "150/1100 13%  store not responding since 00:01:40 UTC  updated 150")
		p.back(20 * time.Second)
		p.settled(journal.Failed)
		at("an outage is over", "151/1100 13%  5.1/s  3m06s left  updated 150  failed 1")
		p.paused(time.Now().Add(time.Minute))
		p.stop()
		at("a run that is stopping does not wait for the quota", "151/1100 13%  stopping  updated 150  failed 1")
	})
}

// A trial run counts up to its limit.
func TestProgressLimit(t *testing.T) {
	p := newProgress(quota.Rate{Requests: 600, Window: time.Minute}, 20)
	p.begun(map[journal.Status]int{journal.Updated: 10})
	p.counted(1000)
	if got, want := p.line(p.began), "10/30 33%  0.0/s  0s left  updated 10"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTimeLeft(t *testing.T) {
	rate := quota.Rate{Requests: 600, Window: time.Minute}
	tests := []struct {
		name            string
		remaining, rows int
		speed           float64
		want            time.Duration
	}{
		{"a small run does not wait for the quota", 300, 500, 50, 6 * time.Second},
		{"a large run does, however fast its first rows were", 3000, 3100, 50, 5 * time.Minute},
		{"a slow store takes longer than the quota", 3000, 3100, 5, 10 * time.Minute},
		{"before the first row", 3000, 3000, 0, 5 * time.Minute},
	}
	for _, test := range tests {
		if got := timeLeft(test.remaining, test.rows, test.speed, rate); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestShort(t *testing.T) {
	tests := map[time.Duration]string{
		0:                             "0s",
		59400 * time.Millisecond:      "59s",
		90 * time.Second:              "1m30s",
		time.Hour + 62*time.Second:    "1h01m",
		26*time.Hour + 59*time.Second: "26h01m",
	}
	for d, want := range tests {
		if got := short(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
