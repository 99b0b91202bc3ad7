package quota

import (
	"testing"
	"time"
)

// The refill falls once for the pauses of one window, not below what the store has accepted, and recovers.
func TestBudgetFollowsPauses(t *testing.T) {
	now := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	b := newBudget(Rate{600, time.Minute}, now, time.Time{})
	window := func(accepted, pauses int) float64 {
		for range accepted {
			b.accept(now)
		}
		for range pauses {
			b.pause(now)
		}
		now = now.Add(time.Minute)
		b.advance(now)
		return b.factor
	}
	for i, c := range []struct {
		accepted, pauses int
		want             float64
	}{
		{300, 20, 0.75},  // a quarter, however many pauses
		{300, 1, 0.5625}, // again
		{300, 1, 0.475},  // 95 % of the 300 requests that were accepted
		{300, 9, 0.475},
		{0, 0, 0.475}, // nothing was sent, so nothing is known
		{285, 0, 0.5275},
		{300, 0, 0.57475},
		{570, 1, 0.57475}, // the store accepts more
	} {
		if got := window(c.accepted, c.pauses); got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("window %d: %v, want %v", i+1, got, c.want)
		}
	}
}

// No window holds more requests than the quota, regardless of how many were expected and what an earlier run has sent.
func TestBudgetKeepsQuota(t *testing.T) {
	start := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	rate := Rate{600, time.Minute}
	for _, c := range []struct {
		name     string
		lastUse  time.Duration // before the start; 0: no earlier run
		earlier  int           // requests that the earlier run sent at that time
		expect   int           // the number of requests, known from expectAt
		expectAt time.Duration
		pauseAt  time.Duration // 0: no 429
		requests int
		most     time.Duration // the last request leaves by then
	}{
		{"unknown", 0, 0, 0, 0, 0, 1800, 3*time.Minute + 3*time.Second},
		{"all fit into one window", 0, 0, 540, 0, 0, 540, 0},
		{"one more than fits", 0, 0, 541, 0, 0, 541, time.Minute},
		{"fit, and known late", 0, 0, 540, 10 * time.Second, 0, 540, 11 * time.Second},
		{"fit, and more follow", 0, 0, 540, 0, 0, 1800, 22 * time.Minute},
		{"after a run of the same input a moment ago", time.Second, 300, 300, 0, 0, 300, 61 * time.Second},
		{"after a run two minutes ago", 2 * time.Minute, 540, 540, 0, 0, 540, 0},
		{"a 429 during a burst", 0, 0, 540, 10 * time.Second, 10500 * time.Millisecond, 1200, 13 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			lastUse := time.Time{}
			var sent []time.Time
			if c.lastUse > 0 {
				lastUse = start.Add(-c.lastUse)
				for range c.earlier {
					sent = append(sent, lastUse)
				}
			}
			b := newBudget(rate, start, lastUse)
			now, expected, paused := start, false, c.pauseAt == 0
			for len(sent) < c.earlier+c.requests {
				if !expected && now.Sub(start) >= c.expectAt {
					expected = true
					b.expect(now, c.expect)
				}
				if !paused && now.Sub(start) >= c.pauseAt {
					paused = true
					b.pause(now)
				}
				if wait := b.take(now); wait > 0 {
					now = now.Add(min(wait, 100*time.Millisecond))
					continue
				}
				sent = append(sent, now)
			}
			for i := rate.Requests; i < len(sent); i++ {
				if took := sent[i].Sub(sent[i-rate.Requests]); took <= rate.Window {
					t.Fatalf("%d requests in %v, at %v", rate.Requests+1, took, sent[i].Sub(start))
				}
			}
			if took := now.Sub(start); took > c.most {
				t.Errorf("the last request left after %v, want at most %v", took, c.most)
			}
		})
	}
}
