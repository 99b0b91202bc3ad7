package quota

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	// defaultPause is how long everyone waits after a 429 without a Retry-After.
	DefaultPause = 10 * time.Second
	// longestProbe is the longest wait between two probes of a store that is not responding.
	longestProbe = time.Minute
	// longestSilence is how long the store may send no response at all until that is an outage.
	longestSilence = 30 * time.Second
	// usedEvery is how often [pacerEvents.used] is called.
	usedEvery = time.Second
)

// pacer lets requests leave, one after the other: within the [budget], not in a pause, and in an outage one at a time.
//
// One request at a time waits for its turn, and whenever something changes it looks again at all that it
// waits for: it never leaves on a permission that has been overtaken. While the store is not known to
// respond (at the start, and in an outage) the next one waits until the outcome of the one in flight is known.
type Gate struct {
	events Events
	// outageAfter is how many attempts in a row without a response make an outage; maxOutage is how long it may last.
	outageAfter int
	MaxOutage   time.Duration

	turn   chan struct{} // holds a value while a request waits for its turn
	usedAt time.Time     // when events.used was called; guarded by turn

	mu       sync.Mutex
	changed  chan struct{} // closed, and made anew, when something below has changed
	ended    error         // why no further request may leave
	budget   *budget
	limited  int
	pauses   int
	inFlight int
	waited   time.Duration // for the quota and in pauses

	pausedUntil time.Time

	// connectWithin bounds an outage in which the store was never connected to; 0: as any other outage.
	ConnectWithin time.Duration
	connected     bool // at least once

	probing    bool      // one request at a time, until the store responds
	answered   time.Time // when the newest request left that got an answer
	answeredAt time.Time // when the latest answer came
	misses     int       // attempts in a row without a response, or with a 5xx
	missing    time.Time // since when
	cause      error     // the error of the last of them
	responseAt time.Time // when the latest response came, a 5xx included
	silentFrom time.Time // since when there is no response at all, or zero
	down       bool      // it is an outage, and was announced as one
	probeAt    time.Time
	probes     *backoff.ExponentialBackOff

	untold  []func() // calls of events, oldest first
	telling bool     // somebody makes them
}

// outageError is a store that did not respond for as long as it may.
type OutageError struct {
	since time.Time
	Cause error
	// unreachable reports whether it was never connected to, within the shorter time for that.
	Unreachable bool
}

func (e *OutageError) Error() string {
	return fmt.Sprintf("the store has not responded since %s: %v", e.since.UTC().Format(time.RFC3339), e.Cause)
}

func (e *OutageError) Unwrap() error { return e.Cause }

// newPacer returns a pacer for the quota r. Requests that count against it left until used, or none if it is zero.
func NewGate(r Rate, used time.Time, outageAfter int, maxOutage time.Duration, events Events) *Gate {
	probes := backoff.NewExponentialBackOff()
	probes.InitialInterval = time.Second
	probes.Multiplier = 2
	probes.MaxInterval = longestProbe
	return &Gate{
		events:      events,
		outageAfter: outageAfter,
		MaxOutage:   maxOutage,
		turn:        make(chan struct{}, 1),
		changed:     make(chan struct{}),
		budget:      newBudget(r, time.Now(), used),
		probing:     true,
		probes:      probes,
	}
}

// attempt is one request that has left.
type Attempt struct {
	p     *Gate
	alone bool
	Began time.Time
}

// enter waits until a request may leave. Its error says why none may any more.
// Each attempt must be brought to an end by [attempt.done].
func (p *Gate) Enter(ctx context.Context) (Attempt, error) {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return Attempt{}, context.Cause(ctx)
	}
	for {
		asked := time.Now()
		wait, changed, a, err := p.ask(ctx, asked)
		switch {
		case err != nil:
			<-p.turn
			return Attempt{}, err
		case wait == 0:
			if p.events.Used != nil && asked.Sub(p.usedAt) >= usedEvery {
				p.usedAt = asked
				p.events.Used()
			}
			if !a.alone {
				<-p.turn
			}
			return a, nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-changed:
		case <-ctx.Done():
		}
		timer.Stop()
		p.mu.Lock()
		if !p.probing {
			p.waited += time.Since(asked)
		}
		p.mu.Unlock()
	}
}

// ask lets the request whose turn it is leave, or says how long to wait before asking again.
func (p *Gate) ask(ctx context.Context, now time.Time) (time.Duration, <-chan struct{}, Attempt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended == nil && p.down && !now.Before(p.outageEnd()) {
		p.ended = &OutageError{p.missing, p.cause, p.isUnreachable()}
	}
	if p.ended != nil {
		return 0, nil, Attempt{}, p.ended
	}
	if ctx.Err() != nil {
		return 0, nil, Attempt{}, context.Cause(ctx)
	}
	wait := p.pausedUntil.Sub(now)
	if p.probing {
		wait = max(wait, p.probeAt.Sub(now))
		if p.inFlight > 0 {
			wait = max(wait, time.Hour) // until they are done, which is a change
		}
	}
	if wait <= 0 {
		wait = p.budget.take(now)
	}
	if wait > 0 {
		if p.down {
			wait = min(wait, p.outageEnd().Sub(now))
		}
		return wait, p.changed, Attempt{}, nil
	}
	p.inFlight++
	return 0, nil, Attempt{p: p, alone: p.probing, Began: now}, nil
}

// isUnreachable reports whether the store was never connected to, in a run that then has nothing to wait for:
// a wrong address is more likely than an outage.
func (p *Gate) isUnreachable() bool { return p.ConnectWithin > 0 && !p.connected }

// outageEnd returns when the pacer gives up on an outage.
func (p *Gate) outageEnd() time.Time {
	if p.isUnreachable() {
		return p.missing.Add(min(p.ConnectWithin, p.MaxOutage))
	}
	return p.missing.Add(p.MaxOutage)
}

// verdict is what an attempt tells about the store.
type Result int

const (
	Responded    Result = iota // it answers
	NoResponse                 // no answer at all
	NoConnection               // and no connection
	ServerError                // a 5xx
	RateLimited                // 429
	Abandoned                  // the attempt was given up
)

// done says how the attempt went. For a 429, retryAfter is what the answer asked for, or [defaultPause].
func (a Attempt) Done(v Result, retryAfter time.Duration, cause error) {
	p := a.p
	now := time.Now()
	p.mu.Lock()
	p.inFlight--
	p.connected = p.connected || v != Abandoned && v != NoConnection
	switch v {
	case Abandoned:
	case NoResponse, NoConnection, ServerError:
		p.miss(a, v, now, cause)
	default:
		p.answer(a, now)
	}
	if v == RateLimited {
		p.limited++
		p.pause(a, now, retryAfter)
	} else if v == Responded || v == ServerError {
		p.budget.accept(now)
	}
	p.change()
	p.mu.Unlock()
	if a.alone {
		<-p.turn
	}
	p.tell()
}

// miss counts an attempt without a response, or with a 5xx.
func (p *Gate) miss(a Attempt, v Result, now time.Time, cause error) {
	if p.misses++; p.misses == 1 {
		p.missing = latest(a.Began, p.answeredAt)
	}
	p.cause = cause
	if v == ServerError {
		p.responseAt, p.silentFrom = now, time.Time{}
	} else if p.silentFrom.IsZero() {
		p.silentFrom = latest(a.Began, p.responseAt)
	}
	if v == ServerError && !p.down {
		p.probing = false // the first request got an answer that does not end the run
	}
	// Before the first answer nothing speaks for the store: it is an outage at once.
	isOutage := p.misses >= p.outageAfter || p.probing || v != ServerError && now.Sub(p.silentFrom) >= p.patience()
	if isOutage && !p.down {
		p.down, p.probing = true, true
		p.probes.Reset()
		p.probeAt = now.Add(p.probes.NextBackOff())
		since, until := p.missing, p.outageEnd()
		p.untold = append(p.untold, func() { p.events.Outage(since, until, cause) })
	} else if a.alone && p.probing { // a probe, and not a request that was in flight when the outage began
		p.probeAt = now.Add(p.probes.NextBackOff())
	}
}

// patience is how long the store may send no response until that is an outage.
func (p *Gate) patience() time.Duration {
	return max(min(longestSilence, p.MaxOutage), time.Second)
}

// answer takes note of an answer that is no 5xx.
func (p *Gate) answer(a Attempt, now time.Time) {
	p.answered = latest(p.answered, a.Began)
	p.answeredAt, p.responseAt, p.silentFrom = now, now, time.Time{}
	p.misses = 0
	if p.down {
		after := now.Sub(p.missing)
		p.untold = append(p.untold, func() { p.events.Back(after) })
	}
	p.down, p.probing = false, false
}

// pause lets nobody leave for as long as a 429 asks.
func (p *Gate) pause(a Attempt, now time.Time, retryAfter time.Duration) {
	// Answers to what left before the end of a pause belong to it.
	if !a.Began.Before(p.pausedUntil) {
		p.pauses++
		p.budget.pause(now)
	}
	if until := now.Add(retryAfter); until.After(p.pausedUntil) {
		p.pausedUntil = until
		p.untold = append(p.untold, func() { p.events.Paused(until, retryAfter) })
	}
}

// change wakes the request whose turn it is.
func (p *Gate) change() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// size takes the number of rows of the input, or any number above [Rate.small] as soon as there are more: an input
// that the quota holds with room to spare is sent at once.
func (p *Gate) Size(rows int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.budget.size(time.Now(), rows)
	p.change()
}

// end lets no further request leave, for the reason err; the first reason counts.
func (p *Gate) Close(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended == nil {
		p.ended = err
		p.change()
	}
}

// counts returns the requests that left, those answered with 429, the pauses these caused, and how long
// requests that were ready to leave could not.
func (p *Gate) Counts() (sent, limited, pauses int, waited time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.budget.sent, p.limited, p.pauses, p.waited
}

// outage reports whether there is an outage, or how long it takes at least until there may be one for want of any response.
func (p *Gate) Outage() (down bool, left time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down || p.silentFrom.IsZero() {
		return p.down, math.MaxInt64
	}
	return false, time.Until(p.silentFrom.Add(p.patience()))
}

// heard returns when the newest of the requests left that were answered: whether that is after a row's own first
// failure tells the row's trouble from the store's. Answers that were merely late tell nothing.
func (p *Gate) LastResponse() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answered
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
