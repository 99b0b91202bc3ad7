package ecwidtest

import "time"

// quota is how many requests may arrive within any window. It remembers the arrivals that count in a
// ring as long as the quota: there is room if the oldest of them has left the window.
type quota struct {
	window       time.Duration
	countRefused bool
	ring         []time.Time
	oldest       int
}

// newQuota is nil, which lets everything through, if o sets no quota.
func newQuota(o Options) *quota {
	if o.Quota <= 0 {
		return nil
	}
	return &quota{window: o.Window, countRefused: o.CountRefused, ring: make([]time.Time, o.Quota)}
}

// take counts a request that arrives now. It returns 0, or how long there is no room, and then
// the request must be refused.
func (q *quota) take(now time.Time) time.Duration {
	if q == nil {
		return 0
	}
	full := now.Sub(q.ring[q.oldest]) < q.window
	if !full || q.countRefused {
		q.ring[q.oldest] = now
		q.oldest = (q.oldest + 1) % len(q.ring)
	}
	if !full {
		return 0
	}
	return q.window - now.Sub(q.ring[q.oldest])
}
