package ecwidtest

import "time"

// quota limits the requests within any window. It keeps the times of arrival that count in a ring, whose length is
// the quota: there is room if the oldest of them is no longer in the window.
type quota struct {
	window       time.Duration
	countRefused bool
	ring         []time.Time
	oldest       int
}

// newQuota returns nil, which limits nothing, if o has no quota.
func newQuota(o Options) *quota {
	if o.Quota <= 0 {
		return nil
	}
	return &quota{window: o.Window, countRefused: o.CountRefused, ring: make([]time.Time, o.Quota)}
}

// take counts a request that arrives now. It returns 0, or the time until there is room: the request must then
// be refused.
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
