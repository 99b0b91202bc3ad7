package quota

import "time"

// Events are called by a [Gate]. All but Used are called one at a time, in the order in which things happened: a slow
// call delays the calls after it, but no request. A slow call of Used delays the request. The others may be nil only if no
// attempt fails or gets a 429.
type Events struct {
	// Paused is called when a 429 asks for a pause of retryAfter: no request leaves before until.
	Paused func(until time.Time, retryAfter time.Duration)
	// Outage is called when an outage begins. since is when the store stopped responding, until is when the gate closes if
	// the store does not respond again, and cause is the error of the last attempt.
	Outage func(since, until time.Time, cause error)
	// Back is called when the store responds again, with the duration of the outage.
	Back func(after time.Duration)
	// Used, if not nil, is called before a request leaves, at most once a second.
	Used func()
}

// deliver makes the calls that are due, unless another goroutine is already making them.
func (g *Gate) deliver() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.delivering {
		return
	}
	g.delivering = true
	defer func() { g.delivering = false }()
	for len(g.events) > 0 {
		event := g.events[0]
		g.events = g.events[1:]
		func() {
			g.mu.Unlock()
			defer g.mu.Lock() // even if the event panics
			event()
		}()
	}
}
