package sync

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"groupsync/ecwid"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/time/rate"
)

const (
	// defaultPause is how long a 429 without a Retry-After holds everyone.
	defaultPause = 10 * time.Second
	// slowdown is what each pause leaves of the refill; recovery is how long it takes to climb from
	// nothing to the whole refill again: 2 % of the quota a minute.
	slowdown = 0.75
	recovery = 50 * time.Minute
	// slowest bounds the slowdown.
	slowest = 0.01
	// longestProbe is the longest wait between two probes of a store that does not answer.
	longestProbe = time.Minute
)

// pacer is the one door through which every request leaves, whatever its kind.
//
// One worker at a time stands in the doorway and waits there for the quota, the end of a pause, or its turn
// to probe; whenever any of these changes it looks again, so that nobody leaves on a permission that has
// been overtaken. As long as the store has not answered (at the start, and in an outage) the doorway stays
// occupied until the answer to the one request under way is known.
type pacer struct {
	rate  Rate
	hooks Hooks
	// outageAfter is how many attempts in a row without an answer make an outage; maxOutage is how long it may last.
	outageAfter int
	maxOutage   time.Duration

	doorway chan struct{} // holds a token while somebody stands in it

	mu       sync.Mutex
	changed  chan struct{} // closed, and made anew, when something below has changed
	ended    error         // why no further request may leave
	limiter  *rate.Limiter
	sent     int
	limited  int
	pauses   int
	underWay int
	waited   time.Duration // for the quota and in pauses

	pausedUntil time.Time
	factor      float64 // what the 429s have left of the refill when the last one came
	factorAt    time.Time

	// connectWithin bounds an outage in which the store was never connected to; 0: as any other outage.
	connectWithin time.Duration
	connected     bool // at least once

	probing  bool      // one request at a time, until one is answered
	answered time.Time // when the newest request left that got an answer
	silent   int       // attempts in a row that got none, or a 5xx
	silentAt time.Time // when the first of them began
	cause    error     // what the last of them got
	down     bool      // it is an outage, and was announced as one
	probeAt  time.Time
	probes   *backoff.ExponentialBackOff
}

func newPacer(r Rate, outageAfter int, maxOutage time.Duration, hooks Hooks) *pacer {
	probes := backoff.NewExponentialBackOff()
	probes.InitialInterval = time.Second
	probes.Multiplier = 2
	probes.MaxInterval = longestProbe
	return &pacer{
		rate:        r,
		hooks:       hooks,
		outageAfter: outageAfter,
		maxOutage:   maxOutage,
		doorway:     make(chan struct{}, 1),
		changed:     make(chan struct{}),
		limiter:     rate.NewLimiter(rate.Limit(r.refill(r.burst())), r.burst()),
		factor:      1,
		probing:     true,
		probes:      probes,
	}
}

// attempt is one request that has left.
type attempt struct {
	p     *pacer
	alone bool
	began time.Time
}

// enter waits until a request may leave. Its error says why none may any more.
// Each attempt must be brought to an end by [attempt.done].
func (p *pacer) enter(ctx context.Context) (attempt, error) {
	select {
	case p.doorway <- struct{}{}:
	case <-ctx.Done():
		return attempt{}, context.Cause(ctx)
	}
	for {
		asked := time.Now()
		wait, changed, a, err := p.ask(ctx, asked)
		switch {
		case err != nil:
			<-p.doorway
			return attempt{}, err
		case wait == 0:
			if !a.alone {
				<-p.doorway
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

// ask lets the request in the doorway leave, or says how long to wait before asking again.
func (p *pacer) ask(ctx context.Context, now time.Time) (time.Duration, <-chan struct{}, attempt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended == nil && p.down && !now.Before(p.outageEnd()) {
		if p.isUnreachable() {
			p.ended = &EndedError{p.cause}
			return 0, nil, attempt{}, p.ended
		}
		p.ended = &InterruptedError{fmt.Errorf("the store has not answered since %s: %w", p.silentAt.UTC().Format(time.RFC3339), p.cause)}
	}
	if p.ended != nil {
		return 0, nil, attempt{}, p.ended
	}
	if ctx.Err() != nil {
		return 0, nil, attempt{}, context.Cause(ctx)
	}
	wait := p.pausedUntil.Sub(now)
	if p.probing {
		wait = max(wait, p.probeAt.Sub(now))
		if p.underWay > 0 {
			wait = max(wait, time.Hour) // until they are done, which is a change
		}
	}
	if wait <= 0 {
		if p.factor < 1 {
			p.limiter.SetLimitAt(now, rate.Limit(p.rate.refill(p.limiter.Burst())*p.factorNow(now)))
		}
		r := p.limiter.ReserveN(now, 1)
		if wait = r.DelayFrom(now); wait > 0 {
			r.CancelAt(now)
		}
	}
	if wait > 0 {
		if p.down {
			wait = min(wait, p.outageEnd().Sub(now))
		}
		return wait, p.changed, attempt{}, nil
	}
	p.sent++
	p.underWay++
	return 0, nil, attempt{p: p, alone: p.probing, began: now}, nil
}

func (p *pacer) factorNow(now time.Time) float64 {
	return min(1, p.factor+now.Sub(p.factorAt).Seconds()/recovery.Seconds())
}

// isUnreachable reports whether the store was never connected to, in a run that then has nothing to wait for:
// a wrong address is more likely than an outage.
func (p *pacer) isUnreachable() bool {
	return p.connectWithin > 0 && !p.connected && errors.Is(p.cause, ecwid.ErrUnreachable)
}

// outageEnd returns when the run gives up on an outage.
func (p *pacer) outageEnd() time.Time {
	if p.isUnreachable() {
		return p.silentAt.Add(min(p.connectWithin, p.maxOutage))
	}
	return p.silentAt.Add(p.maxOutage)
}

// verdict is what an attempt tells about the store.
type verdict int

const (
	answered    verdict = iota // it answers
	noAnswer                   // no answer at all
	serverError                // a 5xx
	rateLimit                  // 429
	nothing                    // the attempt was given up
)

// done says how the attempt went. For a 429, retryAfter is what the answer asked for, or [defaultPause].
func (a attempt) done(v verdict, retryAfter time.Duration, cause error) {
	p := a.p
	now := time.Now()
	p.mu.Lock()
	var tell []func()
	p.underWay--
	p.connected = p.connected || v != nothing && !errors.Is(cause, ecwid.ErrUnreachable)
	switch v {
	case nothing:
	case noAnswer, serverError:
		tell = p.countSilence(a, v, now, cause)
	default:
		tell = p.countAnswer(a, now)
	}
	if v == rateLimit {
		p.limited++
		tell = append(tell, p.pause(now, retryAfter)...)
	}
	close(p.changed)
	p.changed = make(chan struct{})
	p.mu.Unlock()
	if a.alone {
		<-p.doorway
	}
	for _, t := range tell {
		t()
	}
}

func (p *pacer) countSilence(a attempt, v verdict, now time.Time, cause error) (tell []func()) {
	if p.silent++; p.silent == 1 {
		p.silentAt = a.began
	}
	p.cause = cause
	if v == serverError && !p.down {
		p.probing = false // the first request got an answer that does not end the run
	}
	// Before the first answer there is nothing that speaks for the store: it is an outage at once.
	if !p.down && (p.silent >= p.outageAfter || p.probing) {
		p.down, p.probing = true, true
		p.probes.Reset()
		since, until := p.silentAt, p.outageEnd()
		tell = append(tell, func() { p.hooks.outage(since, until, cause) })
	}
	if p.probing {
		p.probeAt = now.Add(p.probes.NextBackOff())
	}
	return tell
}

func (p *pacer) countAnswer(a attempt, now time.Time) (tell []func()) {
	if a.began.After(p.answered) {
		p.answered = a.began
	}
	p.silent = 0
	if p.down {
		since := p.silentAt
		tell = append(tell, func() { p.hooks.back(now.Sub(since)) })
	}
	p.down, p.probing = false, false
	return tell
}

func (p *pacer) pause(now time.Time, retryAfter time.Duration) (tell []func()) {
	// Answers to what left before the pause belong to it.
	if !now.Before(p.pausedUntil) {
		p.pauses++
		p.factor = max(p.factorNow(now)*slowdown, slowest)
		p.factorAt = now
		p.limiter.SetBurstAt(now, p.rate.burst())
	}
	if until := now.Add(retryAfter); until.After(p.pausedUntil) {
		p.pausedUntil = until
		tell = append(tell, func() { p.hooks.paused(until, retryAfter) })
	}
	return tell
}

// total tells the pacer that the run has n rows in all: if the quota holds them with room to spare,
// nothing is gained by sending them slowly.
func (p *pacer) total(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n <= p.rate.burst() || n > p.rate.Requests*9/10 || p.factor < 1 {
		return
	}
	now := time.Now()
	p.limiter = rate.NewLimiter(rate.Limit(p.rate.refill(n)), n)
	p.limiter.AllowN(now, min(p.sent, n))
	close(p.changed)
	p.changed = make(chan struct{})
}

// end lets no further request leave, for the reason err; the first reason counts.
func (p *pacer) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended == nil {
		p.ended = err
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

// counts are the requests that left, those answered with 429, the pauses these caused, and how long
// requests that were ready to leave could not.
func (p *pacer) counts() (sent, limited, pauses int, waited time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent, p.limited, p.pauses, p.waited
}

// isDown reports whether the store is known not to answer.
func (p *pacer) isDown() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.down
}

// heard is when the newest of the requests left that were answered: whether that is after a row's own first
// failure tells the row's trouble from the store's. Answers that were merely late tell nothing.
func (p *pacer) heard() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answered
}
