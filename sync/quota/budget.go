package quota

import (
	"time"

	"golang.org/x/time/rate"
)

const (
	// slowdown is what a window with a pause leaves of the refill, unless the store has accepted more.
	slowdown = 0.75
	// proven is the part of what the store has accepted in one window that is sent without doubt.
	proven = 0.95
	// recovery is the part of what is missing of the refill that a window without a pause gives back.
	recovery = 0.1
	// slowest bounds the slowdown.
	slowest = 0.01
	// usedLeeway is how much later than a file says a request may have left: it is written once in [usedEvery],
	// and some file systems keep times in steps of two seconds.
	usedLeeway = 2*time.Second + usedEvery
)

// budget says when the next request may leave, so that no window holds more requests than the quota. It has no
// clock, and does not wait.
//
// It is a token bucket whose burst and refill together are one quota a window. The burst is small, so that a long
// run is spread evenly, unless the whole input fits into one window. Two buckets of one kind in a row keep
// the quota as long as the second begins empty, and so do a small burst and any other. What must not happen is
// a small burst, with its large refill, in the window of a large burst.
type budget struct {
	rate    Rate
	limiter *rate.Limiter
	sent    int
	rows    int // of the input, or 0 while it is unknown

	// Until this time the window may hold requests of a large burst: of an earlier run, or of this one before
	// a 429. The bucket began empty, and keeps its burst until then.
	drained time.Time
	limited bool // there was a 429: no large burst any more

	// The refill follows what happens in one window after the other.
	began    time.Time // the window, or zero
	paused   bool      // in this window
	slowed   bool      // for a pause in this window
	accepted int       // requests in this window
	most     int       // requests accepted in any window
	factor   float64   // of the refill
}

// newBudget returns the budget of a run that begins at now. Requests of an earlier run left until used, or
// never if it is zero.
func newBudget(r Rate, now, used time.Time) *budget {
	b := &budget{rate: r, factor: 1}
	if !used.IsZero() {
		b.drained = earliest(used.Add(usedLeeway), now).Add(r.cycle())
	}
	b.fill(now)
	return b
}

// earliest returns the earlier of two times: no request left in the future, whatever a file says.
func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// take takes one request out of the budget, or returns how long to wait before asking again.
func (b *budget) take(now time.Time) time.Duration {
	b.roll(now)
	if !b.drained.IsZero() && !now.Before(b.drained) {
		b.drained = time.Time{}
		b.fill(now)
	}
	r := b.limiter.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait == 0 {
		b.sent++
		return 0
	}
	r.CancelAt(now)
	if !b.drained.IsZero() {
		wait = min(wait, b.drained.Sub(now))
	}
	return wait
}

// size takes the number of rows of the input, or any number above [Rate.small] as soon as there are more.
func (b *budget) size(now time.Time, rows int) {
	b.rows = rows
	if b.burst(now) != b.limiter.Burst() {
		b.fill(now)
	}
}

// pause takes note that the store refused a request for its quota.
func (b *budget) pause(now time.Time) {
	b.roll(now)
	b.paused = true
	b.slow(now)
	if b.limiter.Burst() > b.rate.burst() && !b.limited {
		if b.drained.IsZero() {
			b.rows = min(b.rows, b.sent) // what is left of the burst does not leave at once
		}
		b.drained = now.Add(b.rate.cycle())
		b.fill(now)
	}
	b.limited = true
}

// accept takes note that the store accepted a request.
func (b *budget) accept(now time.Time) {
	b.roll(now)
	b.accepted++
}

// burst returns the number of requests that may leave at once.
func (b *budget) burst(now time.Time) int {
	drained := now.Before(b.drained)
	switch {
	case b.rows == 0 && drained: // an earlier run may have known that the input is small
		return max(b.rate.Small(), b.rate.burst())
	case b.rows > b.rate.burst() && b.rows <= b.rate.Small() && (drained || !b.limited):
		return b.rows
	}
	return b.rate.burst()
}

// fill makes the bucket anew, less the requests that have left.
func (b *budget) fill(now time.Time) {
	burst := b.burst(now)
	left := min(b.sent, burst)
	if now.Before(b.drained) {
		left = burst
	}
	b.limiter = rate.NewLimiter(b.refill(burst), burst)
	b.limiter.AllowN(now, left)
}

func (b *budget) refill(burst int) rate.Limit { return rate.Limit(b.rate.refill(burst) * b.factor) }

// roll ends a window that has passed.
func (b *budget) roll(now time.Time) {
	switch {
	case b.began.IsZero():
		b.began = now
		return
	case now.Sub(b.began) < b.rate.Window:
		return
	}
	b.most = max(b.most, b.accepted)
	switch {
	case b.paused:
		b.slow(now)
	case b.accepted > 0:
		b.refillAt(now, b.factor+(1-b.factor)*recovery)
	}
	b.began, b.paused, b.slowed, b.accepted = now, false, false, 0
}

// slow slows the refill down, once in a window however many pauses it has, and never below what the store has
// accepted. Only a whole window shows how much that is.
func (b *budget) slow(now time.Time) {
	if b.slowed || b.most == 0 {
		return
	}
	b.slowed = true
	most := max(b.most, b.accepted)
	least := max(b.factor*slowdown, proven*float64(most)/float64(b.rate.Requests), slowest)
	b.refillAt(now, min(b.factor, least))
}

func (b *budget) refillAt(now time.Time, factor float64) {
	b.factor = factor
	b.limiter.SetLimitAt(now, b.refill(b.limiter.Burst()))
}
