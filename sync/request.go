package sync

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"time"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
	"groupsync/sync/quota"

	"github.com/cenkalti/backoff/v5"
)

// meaning is what the error of a request means for the run.
type meaning int

const (
	succeeded   meaning = iota
	rejected            // the store refused only this request
	refusedAll          // it would refuse every further request
	rateLimited         // it did not apply the request because of the quota
	unknown             // it is not known whether it applied the request
)

// classify returns what the error of a request means. No other function decides this.
func classify(err error) meaning {
	_, noResponse := errors.AsType[*ecwid.NoResponseError](err)
	_, badCertificate := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case err == nil:
		return succeeded
	case errors.Is(err, ecwid.ErrRateLimited):
		return rateLimited
	case errors.Is(err, ecwid.ErrRefused), badCertificate:
		return refusedAll
	case noResponse, errors.Is(err, ecwid.ErrTemporary):
		return unknown
	}
	return rejected
}

// tries describes the failed attempts at the requests for one row, or at the request for one page of the list.
type tries struct {
	row       *groupfile.Row              // nil: a page of the list
	used      int                         // attempts that count towards MaxAttempts
	firstSent time.Time                   // when the first of them was sent
	repeated  bool                        // an attempt on a stale connection was repeated, which does not count
	backoff   *backoff.ExponentialBackOff // nil before the first wait
}

// step is what follows an attempt.
type step int

const (
	stepDone      step = iota // the request succeeded
	stepFailed                // it failed for good
	stepAgain                 // send it again, without further waiting
	stepStoreDown             // the store is down: this or any other request may be the next probe
	stepRunOver               // send nothing: the run is over
)

// request makes one attempt at a request, as soon as the gate lets it leave. It returns an error only with stepFailed and
// stepRunOver.
//
// The wait for the gate ends when ctx ends. A request in flight is canceled only when limit's parent ends.
func (s *sender) request(ctx context.Context, limit *timeLimit, t *tries, send func(context.Context) error) (step, error) {
	attempt, err := s.gate.Enter(ctx)
	if err != nil {
		return stepRunOver, err
	}
	err = limit.call(send)
	if err != nil && limit.parent.Err() != nil { // canceled by this run: not a failure of the store
		attempt.Abandoned()
		return stepRunOver, context.Cause(ctx)
	}
	switch classify(err) {
	case succeeded:
		attempt.Responded()
		return stepDone, nil
	case rateLimited:
		attempt.RateLimited(retryAfter(err, quota.DefaultPause))
		return stepAgain, nil
	case refusedAll:
		err := &StoppedError{err}
		s.gate.Close(err) // before the next request can leave
		attempt.Responded()
		return stepRunOver, err
	case unknown:
		return s.retry(ctx, attempt, t, err)
	}
	attempt.Responded()
	return stepFailed, err
}

// requestUntilDone makes attempts at a request until it succeeds, it fails for good, or the run is over.
func (s *sender) requestUntilDone(ctx context.Context, t *tries, send func(context.Context) error) (step, error) {
	limit := timeLimit{parent: ctx, timeout: s.job.Timeout}
	defer limit.end()
	for {
		step, err := s.request(ctx, &limit, t, send)
		if step != stepAgain && step != stepStoreDown {
			return step, err
		}
	}
}

// timeLimit limits how long each request of a worker may take. A request hardly ever reaches the limit, so its context and
// timer serve the next one too: making them for each request would take 4 % of the time of a run.
type timeLimit struct {
	parent  context.Context
	timeout time.Duration

	ctx    context.Context // nil: the next request needs a new one
	cancel context.CancelCauseFunc
	timer  *time.Timer // cancels ctx
}

// call calls send with a context that ends after the time that one attempt may take.
func (l *timeLimit) call(send func(context.Context) error) error {
	if l.ctx == nil {
		ctx, cancel := context.WithCancelCause(l.parent)
		l.ctx, l.cancel = ctx, cancel
		l.timer = time.AfterFunc(l.timeout, func() { cancel(context.DeadlineExceeded) })
	} else {
		l.timer.Reset(l.timeout)
	}
	err := send(l.ctx)
	if !l.timer.Stop() { // the context has ended, or is about to
		l.end()
	}
	return err
}

// end releases the context.
func (l *timeLimit) end() {
	if l.ctx != nil {
		l.cancel(nil)
		l.ctx = nil
	}
}

// retry counts an attempt with an unknown result, and waits before the next one.
func (s *sender) retry(ctx context.Context, attempt quota.Attempt, t *tries, err error) (step, error) {
	if errors.Is(err, ecwid.ErrStaleConnection) && !t.repeated && !s.gate.IsDown() {
		t.repeated = true
		s.retries.Add(1)
		attempt.Abandoned()
		return stepAgain, nil
	}
	response, responded := errors.AsType[*ecwid.Error](err)
	switch {
	case responded && response.StatusCode == http.StatusRequestTimeout:
		attempt.Responded()
	case responded:
		attempt.Failed(quota.ServerError, err)
	case errors.Is(err, ecwid.ErrUnreachable):
		attempt.Failed(quota.NoConnection, err)
	default:
		attempt.Failed(quota.NoResponse, err)
	}
	if s.gate.IsDown() {
		return stepStoreDown, nil // the store is the cause, not this request
	}
	if t.used++; t.used == 1 {
		t.firstSent = attempt.Began
	}
	// A request without a response has used up its attempts only if other requests got responses meanwhile.
	if t.used >= s.job.MaxAttempts && (responded || s.gate.LastResponded().After(t.firstSent)) {
		return stepFailed, err
	}
	wait := s.retryWait(t, err)
	s.retries.Add(1)
	if t.row == nil {
		s.job.Hooks.listRetry(err, wait)
	} else {
		s.job.Hooks.retry(*t.row, err, wait)
	}
	if err := sleep(ctx, wait); err != nil {
		return stepRunOver, err
	}
	return stepAgain, nil
}

// retryWait returns how long to wait before the next attempt.
func (s *sender) retryWait(t *tries, err error) time.Duration {
	if t.backoff == nil {
		t.backoff = backoff.NewExponentialBackOff()
		t.backoff.RandomizationFactor = 1 // full jitter
		t.backoff.Multiplier = 2
	}
	// The Retry-After of one row is limited to MaxOutage. If the store sends no response at all, the next attempt is
	// made before that counts as an outage.
	longest := max(s.job.MaxOutage-time.Since(t.firstSent), 0)
	return min(max(t.backoff.NextBackOff(), min(retryAfter(err, 0), longest)), max(s.gate.UntilOutage(), 0))
}

// retryAfter returns how long a response asks to wait, but at least a second, or fallback if it does not ask.
func retryAfter(err error, fallback time.Duration) time.Duration {
	if response, ok := errors.AsType[*ecwid.Error](err); ok {
		if wait, ok := response.Wait(time.Now()); ok {
			return max(wait, time.Second)
		}
	}
	return fallback
}

// sleep waits, unless ctx ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
