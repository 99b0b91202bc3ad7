package quota

import (
	"testing"
	"time"
)

// The pace falls once for the pauses of one window, not below what the store has accepted, and comes back.
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
		b.roll(now)
		return b.factor
	}
	for i, c := range []struct {
		accepted, pauses int
		want             float64
	}{
		{300, 20, 0.75},  // a quarter, however many pauses
		{300, 1, 0.5625}, // again
		{300, 1, 0.475},  // 0.95 of the 300 requests that were accepted
		{300, 9, 0.475},
		{0, 0, 0.475}, // nothing was sent: nothing is known
		{285, 0, 0.5275},
		{300, 0, 0.57475},
		{570, 1, 0.57475}, // the store accepts more
	} {
		if got := window(c.accepted, c.pauses); got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("window %d: %v, want %v", i+1, got, c.want)
		}
	}
}
