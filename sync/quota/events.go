package quota

import "time"

// pacerEvents are called one at a time, in the order in which things happened.
type Events struct {
	// paused is called when the store refuses requests for its quota: none leaves before until.
	Paused func(until time.Time, retryAfter time.Duration)
	// outage is called when the store is not responding: since when, and when the pacer gives up.
	Outage func(since, until time.Time, cause error)
	// back is called when it responds again.
	Back func(after time.Duration)
	// used, if not nil, is called before a request leaves, at most once in [usedEvery].
	Used func()
}

// tell calls the events that were not called yet, unless somebody else is about it.
func (p *Gate) tell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.telling {
		return
	}
	p.telling = true
	defer func() { p.telling = false }()
	for len(p.untold) > 0 {
		event := p.untold[0]
		p.untold = p.untold[1:]
		func() {
			p.mu.Unlock()
			defer p.mu.Lock() // also when it panics
			event()
		}()
	}
}
