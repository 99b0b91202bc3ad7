package quota

import (
	"time"

	"golang.org/x/time/rate"
)

const (
	// slowdown is the fraction of the refill that is left after a window with a pause, unless the store has accepted
	// more.
	slowdown = 0.75
	// safeFraction is the fraction of the largest number of requests accepted in one window that is safe to send.
	safeFraction = 0.95
	// recovery is the fraction of the lost refill that a window without a pause restores.
	recovery = 0.1
	// minFactor is the lowest fraction of the refill that is left after any number of slowdowns.
	minFactor = 0.01
	// usedLeeway is how much later than [Options.LastUse] a request may have left: the time is recorded once
	// per usedInterval, and some file systems store times in steps of two seconds.
	usedLeeway = 2*time.Second + usedInterval
)

// budget decides when the next request may leave, so that no window holds more requests than the quota. It has no
// clock and does not wait.
//
// It is a token bucket whose burst and refill together are one quota per window. The burst is small, so that a long
// run is spread evenly, unless all requests fit into one window.
//
// The bucket may be replaced during a run. The quota is still kept if the new bucket begins without the tokens that the
// requests so far have used, and its burst is not smaller than that of the old one. A bucket with a smaller burst has a
// larger refill, so it must not begin before the window of the large burst has passed.
type budget struct {
	rate     Rate
	limiter  *rate.Limiter
	sent     int
	expected int // the number of requests to expect; 0: unknown

	// Until spentUntil, the window may hold the requests of a large burst: one of an earlier run, or one of this run
	// before a 429. A new bucket then begins empty, and its burst does not become smaller.
	spentUntil time.Time
	limited    bool // there was a 429: no further large burst

	// The refill is adapted to what happens in each window.
	windowStart  time.Time // zero: no window has begun
	paused       bool      // in this window
	slowed       bool      // for a pause in this window
	accepted     int       // requests in this window
	mostAccepted int       // requests in any earlier window
	factor       float64   // of the refill
}

// newBudget returns the budget of a run that begins at now. lastUse is when the last request of an earlier run left, or
// zero if there was none.
func newBudget(r Rate, now, lastUse time.Time) *budget {
	b := &budget{rate: r, factor: 1}
	if !lastUse.IsZero() {
		// The time of a file may lie in the future, but no request can have left then.
		b.spentUntil = earliest(lastUse.Add(usedLeeway), now).Add(r.period())
	}
	b.reset(now)
	return b
}

// take takes one request out of the budget, or returns how long to wait before asking again.
func (b *budget) take(now time.Time) time.Duration {
	b.advance(now)
	if !b.spentUntil.IsZero() && !now.Before(b.spentUntil) {
		b.spentUntil = time.Time{}
		b.reset(now)
	}
	r := b.limiter.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait == 0 {
		b.sent++
		return 0
	}
	r.CancelAt(now)
	if !b.spentUntil.IsZero() {
		wait = min(wait, b.spentUntil.Sub(now))
	}
	return wait
}

// expect sets the number of requests to expect.
func (b *budget) expect(now time.Time, n int) {
	b.expected = n
	if b.burst(now) != b.limiter.Burst() {
		b.reset(now)
	}
}

// pause records that the store refused a request because of its quota.
func (b *budget) pause(now time.Time) {
	b.advance(now)
	b.paused = true
	b.slow(now)
	if b.limiter.Burst() > b.rate.minBurst() && !b.limited {
		if b.spentUntil.IsZero() {
			b.expected = min(b.expected, b.sent) // so that the rest of the burst does not leave at once
		}
		b.spentUntil = now.Add(b.rate.period())
		b.reset(now)
	}
	b.limited = true
}

// accept records that the store accepted a request.
func (b *budget) accept(now time.Time) {
	b.advance(now)
	b.accepted++
}

// burst returns the number of requests that may leave at once.
func (b *budget) burst(now time.Time) int {
	spent := now.Before(b.spentUntil)
	switch {
	case b.expected == 0 && spent: // an earlier run of the same input may have sent it as one burst
		return max(b.rate.maxBurst(), b.rate.minBurst())
	case b.expected > b.rate.minBurst() && b.rate.FitsWindow(b.expected) && (spent || !b.limited):
		return b.expected
	}
	return b.rate.minBurst()
}

// reset replaces the bucket. The new one begins without the tokens that the requests so far have used.
func (b *budget) reset(now time.Time) {
	burst := b.burst(now)
	used := min(b.sent, burst)
	if now.Before(b.spentUntil) {
		used = burst
	}
	b.limiter = rate.NewLimiter(b.refill(burst), burst)
	b.limiter.AllowN(now, used)
}

func (b *budget) refill(burst int) rate.Limit { return rate.Limit(b.rate.refill(burst) * b.factor) }

// advance begins a new window if the current one has passed.
func (b *budget) advance(now time.Time) {
	switch {
	case b.windowStart.IsZero():
		b.windowStart = now
		return
	case now.Sub(b.windowStart) < b.rate.Window:
		return
	}
	b.mostAccepted = max(b.mostAccepted, b.accepted)
	switch {
	case b.paused:
		b.slow(now)
	case b.accepted > 0:
		b.setFactor(now, b.factor+(1-b.factor)*recovery)
	}
	b.windowStart, b.paused, b.slowed, b.accepted = now, false, false, 0
}

// slow slows the refill down, but only once per window, regardless of the number of pauses, and never below what the
// store has accepted. Only a whole window shows how much that is.
func (b *budget) slow(now time.Time) {
	if b.slowed || b.mostAccepted == 0 {
		return
	}
	b.slowed = true
	accepted := max(b.mostAccepted, b.accepted)
	least := max(b.factor*slowdown, safeFraction*float64(accepted)/float64(b.rate.Requests), minFactor)
	b.setFactor(now, min(b.factor, least))
}

func (b *budget) setFactor(now time.Time, factor float64) {
	b.factor = factor
	b.limiter.SetLimitAt(now, b.refill(b.limiter.Burst()))
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
