package quota

import (
	"context"
	"sync"
	"time"
)

const (
	// DefaultPause is how long to wait after a 429 that does not say how long.
	DefaultPause = 10 * time.Second
	// usedInterval is how often [Events.Used] is called.
	usedInterval = time.Second
)

// Options configures a [Gate].
type Options struct {
	Rate Rate
	// LastUse is when an earlier run sent its last request that counts against the quota. Zero means none.
	LastUse time.Time
	// OutageAfter is the number of attempts in a row, without a response or with a 5xx, that make an outage.
	OutageAfter int
	// MaxOutage is how long an outage may last before the gate closes.
	MaxOutage time.Duration
	// ConnectWithin is how long an outage may last if there never was a connection to the store: the address is then
	// probably wrong. Zero means MaxOutage.
	ConnectWithin time.Duration
	Events        Events
}

// Gate lets requests leave one after the other, as the quota, pauses and outages allow. It is safe for
// concurrent use.
//
// Only one request at a time waits for permission; the others wait for their turn to ask. Whenever the state of
// the gate changes, the request that is waiting asks again, so it never leaves on a permission that was granted
// before a pause or an outage began. At the start and in an outage, when it is not known whether the store responds, the
// next request waits for the result of the one in flight.
type Gate struct {
	options Options

	turn   chan struct{} // holds a value while a request asks, and while a request is in flight alone
	usedAt time.Time     // when Events.Used was last called; guarded by turn
	// changed receives a value when the state below has changed. Only the request that holds the turn receives.
	changed chan struct{}

	mu          sync.Mutex
	closed      error // why no further request may leave
	budget      *budget
	inFlight    int
	pausedUntil time.Time
	outage      outage
	rateLimited int
	pauses      int
	waited      time.Duration

	events     []func() // calls of Events that are due, oldest first
	delivering bool     // a goroutine is making them
}

// NewGate returns a gate.
func NewGate(o Options) *Gate {
	return &Gate{
		options: o,
		turn:    make(chan struct{}, 1),
		changed: make(chan struct{}, 1),
		budget:  newBudget(o.Rate, time.Now(), o.LastUse),
		outage:  newOutage(o),
	}
}

// Attempt is one request that has left. The caller must report its result with exactly one of its methods.
type Attempt struct {
	// Began is when the request left.
	Began time.Time

	gate  *Gate
	alone bool // it holds the turn: no other request leaves before it is done
}

// Enter waits until a request may leave. It returns an error if the gate is closed or ctx has ended.
func (g *Gate) Enter(ctx context.Context) (Attempt, error) {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return Attempt{}, context.Cause(ctx)
	}
	for {
		asked := time.Now()
		attempt, wait, err := g.ask(ctx, asked)
		if err != nil {
			<-g.turn
			return Attempt{}, err
		}
		if wait == 0 {
			if g.options.Events.Used != nil && asked.Sub(g.usedAt) >= usedInterval {
				g.usedAt = asked
				g.options.Events.Used()
			}
			if !attempt.alone {
				<-g.turn
			}
			return attempt, nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-g.changed:
		case <-ctx.Done():
		}
		timer.Stop()
		g.countWait(time.Since(asked))
	}
}

// ask lets a request leave, or returns how long to wait before asking again. If the state changes meanwhile, the request
// should ask earlier.
func (g *Gate) ask(ctx context.Context, now time.Time) (_ Attempt, wait time.Duration, _ error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.changed: // before this request asked
	default:
	}
	if g.closed == nil {
		g.closed = g.outage.expired(now)
	}
	if g.closed != nil {
		return Attempt{}, 0, g.closed
	}
	if ctx.Err() != nil {
		return Attempt{}, 0, context.Cause(ctx)
	}
	wait = max(g.pausedUntil.Sub(now), g.outage.probeWait(now, g.inFlight))
	if wait <= 0 {
		wait = g.budget.take(now)
	}
	if wait > 0 {
		return Attempt{}, g.outage.limitWait(wait, now), nil
	}
	g.inFlight++
	return Attempt{Began: now, gate: g, alone: g.outage.probing}, 0, nil
}

// countWait adds to the time for which the quota or a pause held requests back. Waiting in an outage does not count.
func (g *Gate) countWait(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.outage.probing {
		g.waited += d
	}
}

// Responded reports that the store responded, with neither a 429 nor a 5xx.
func (a Attempt) Responded() {
	a.done(func(g *Gate, now time.Time) {
		g.responded(a, now)
		g.budget.accept(now)
	})
}

// RateLimited reports a 429: no request leaves for retryAfter.
func (a Attempt) RateLimited(retryAfter time.Duration) {
	a.done(func(g *Gate, now time.Time) {
		g.responded(a, now)
		g.rateLimited++
		g.pause(a, now, retryAfter)
	})
}

// Failed reports that the result of the request is unknown.
func (a Attempt) Failed(f Failure, cause error) {
	a.done(func(g *Gate, now time.Time) {
		if g.outage.failed(a, f, now, cause) {
			since, until := g.outage.since, g.outage.end()
			g.events = append(g.events, func() { g.options.Events.Outage(since, until, cause) })
		}
		if f == ServerError {
			g.budget.accept(now)
		}
	})
}

// Abandoned reports that the result of the request counts neither as a response nor as a failure of the store, for
// instance because the caller canceled it.
func (a Attempt) Abandoned() { a.done(func(*Gate, time.Time) {}) }

// done ends the attempt, and lets the next request ask.
func (a Attempt) done(update func(*Gate, time.Time)) {
	g := a.gate
	now := time.Now()
	g.mu.Lock()
	g.inFlight--
	update(g, now)
	g.notify()
	g.mu.Unlock()
	if a.alone {
		<-g.turn
	}
	g.deliver()
}

// responded records a response that is not a 5xx.
func (g *Gate) responded(a Attempt, now time.Time) {
	since := g.outage.since
	if g.outage.responded(a, now) {
		after := now.Sub(since)
		g.events = append(g.events, func() { g.options.Events.Back(after) })
	}
}

// pause holds all requests back for as long as a 429 asks.
func (g *Gate) pause(a Attempt, now time.Time, retryAfter time.Duration) {
	// Responses to requests that left before the end of a pause belong to that pause.
	if !a.Began.Before(g.pausedUntil) {
		g.pauses++
		g.budget.pause(now)
	}
	if until := now.Add(retryAfter); until.After(g.pausedUntil) {
		g.pausedUntil = until
		g.events = append(g.events, func() { g.options.Events.Paused(until, retryAfter) })
	}
}

// notify wakes the request that is waiting. The caller holds mu.
func (g *Gate) notify() {
	select {
	case g.changed <- struct{}{}:
	default:
	}
}

// ExpectRequests tells the gate how many requests to expect. Requests that fit into one window are sent at once. If there
// are more, any number for which [Rate.FitsWindow] is false will do, so a caller need not wait for the final one.
func (g *Gate) ExpectRequests(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.budget.expect(time.Now(), n)
	g.notify()
}

// Close lets no further request leave: [Gate.Enter] returns err. Only the first call counts.
func (g *Gate) Close(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed == nil {
		g.closed = err
		g.notify()
	}
}

// Stats are the counts of a gate.
type Stats struct {
	// Requests is the number of requests that left. RateLimited of them got a 429.
	Requests, RateLimited int
	// Pauses is the number of pauses that the 429s caused.
	Pauses int
	// Waited is the time for which the quota or a pause held requests back.
	Waited time.Duration
}

// Stats returns the counts so far.
func (g *Gate) Stats() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	return Stats{Requests: g.budget.sent, RateLimited: g.rateLimited, Pauses: g.pauses, Waited: g.waited}
}

// IsDown reports whether there is an outage.
func (g *Gate) IsDown() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.outage.down
}

// UntilOutage returns the time that is left until the lack of any response counts as an outage.
func (g *Gate) UntilOutage() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.outage.untilOutage(time.Now())
}

// LastResponded returns when the newest request was sent that got a response other than a 5xx. If another request has
// been failing since before that time, the cause is that request, and not the store.
func (g *Gate) LastResponded() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.outage.lastResponded
}
