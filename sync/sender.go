package sync

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"groupsync/ecwid"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
	"groupsync/sync/quota"

	"github.com/cenkalti/backoff/v5"
)

// sender is what the workers share: it takes a row to its outcome.
type sender struct {
	client      *ecwid.Client
	pacer       *quota.Gate
	queue       *queue
	hooks       Hooks
	timeout     time.Duration // of one attempt
	maxTries    int
	maxFailures int // 0: none

	// store is followed if the store's groups were listed; skip then settles what needs no request.
	store *plan.Store
	skip  bool
	// transfers are the external ids that were cleared in one group for another.
	transfers transfers

	retries  atomic.Int64
	failures atomic.Int64
	mayNot   atomic.Bool // the token may not read groups
}

// work takes rows from the queue until there are none, or no request may leave any more.
// Requests are made under hard, which outlives ctx: what was sent is not given up at a soft stop.
func (s *sender) work(ctx, hard context.Context) error {
	for {
		var t *task
		var ok bool
		select {
		case <-ctx.Done():
			return context.Cause(ctx) // all may have been read: nobody else says that rows are left
		case t, ok = <-s.queue.ready:
		}
		if !ok {
			return nil
		}
		if err := s.send(ctx, hard, t); err != nil {
			return err
		}
	}
}

// send makes attempts at a row until its outcome is known, or it has to give way to others.
// Its error says why the run is over; a row without an outcome then stays unsettled.
func (s *sender) send(ctx, hard context.Context, t *task) error {
	if o := s.compare(t); o != nil {
		return s.settle(hard, t, *o)
	}
	switch {
	case t.look && s.mayNot.Load():
		return s.mayNotRead(hard, t)
	case t.left > 0:
		s.hooks.deferred(t.left)
		t.left = 0
	}
	for {
		if t.cleared { // a group is without its external id until the row's own PUT was sent
			ctx = hard
		}
		a, err := s.pacer.Enter(ctx)
		if err != nil {
			return err
		}
		outcome, err := s.attempt(hard, t)
		switch {
		case err == nil:
			a.Done(quota.Responded, 0, nil)
			switch {
			case outcome != nil:
				return s.settle(hard, t, *outcome)
			case t.look:
				s.queue.looked(t, true)
				return nil
			}

		case hard.Err() != nil: // given up by us: it says nothing of the store
			a.Done(quota.Abandoned, 0, nil)
			return context.Cause(ctx)

		case errors.Is(err, ecwid.ErrRateLimited):
			a.Done(quota.RateLimited, retryAfter(err, quota.DefaultPause), err)

		case (t.zero || t.look) && errors.Is(err, ecwid.ErrForbidden):
			a.Done(quota.Responded, 0, nil)
			return s.mayNotRead(hard, t)

		case errors.Is(err, ecwid.ErrRefused), isCertificate(err):
			err := &StoppedError{err}
			s.pacer.Close(err)
			a.Done(quota.Responded, 0, nil)
			return err

		case errors.Is(err, ecwid.ErrExternalIDTaken) && t.wants != "":
			a.Done(quota.Responded, 0, nil)
			return s.deferRow(hard, t, err)

		case isTemporary(err):
			wait, next := s.again(a, t, err)
			switch next {
			case giveUp:
				return s.fail(hard, t, err)
			case giveWay:
				s.queue.requeue(t)
				return nil
			}
			if err := sleep(ctx, wait); err != nil {
				return err
			}

		default:
			a.Done(quota.Responded, 0, nil)
			return s.fail(hard, t, err)
		}
	}
}

// mayNotRead takes a row whose GET the token may not send: no other is sent.
func (s *sender) mayNotRead(ctx context.Context, t *task) error {
	s.mayNot.Store(true)
	if t.look {
		s.queue.looked(t, false)
		return nil
	}
	return s.settle(ctx, t, t.unknown())
}

// fail takes an error that is about this row alone.
func (s *sender) fail(ctx context.Context, t *task, err error) error {
	if t.look && !errors.Is(err, ecwid.ErrGroupNotFound) {
		s.queue.looked(t, true)
		return nil
	}
	return s.settle(ctx, t, t.failed(err))
}

// compare looks at what the store is known to hold. It gives the outcome of a row that needs no request.
func (s *sender) compare(t *task) *Outcome {
	switch {
	case t.lost:
		o := t.failed(t.conflict)
		return &o
	case t.Err != nil:
		o := decided(t.Row, plan.DecideInvalid(t.Row, s.store))
		return &o
	case s.store == nil, t.zero, t.clears, t.look: // what was begun is continued
		return nil
	}
	now := s.store.Lookup(t.Row)
	change := plan.Diff(t.Row, now, t.ahead)
	t.clears = change == plan.ClearAndPut
	if !s.skip {
		return nil
	}
	d, ok := change.Decide(t.Row, now)
	if !ok {
		return nil
	}
	o := decided(t.Row, d)
	return &o
}

// attempt sends one request for the row: its PUT, before it the one that clears its external id elsewhere,
// after updateCount 0 the GET that tells why, or the one that tells what the group of a deferred row holds.
// It returns neither outcome nor error when another is to follow.
func (s *sender) attempt(ctx context.Context, t *task) (*Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if t.zero || t.look {
		group, err := s.client.CustomerGroup(ctx, t.ID)
		if err != nil {
			return nil, err
		}
		if s.store != nil {
			s.store.Set(group)
		}
		if t.look {
			t.holds = &group.ExternalReferenceID
			return nil, nil
		}
		o := t.outcome(journal.Unchanged, 0)
		if t.Update.Changes(group) {
			o.Status, o.Reason = journal.NotUpdated, "the store updated nothing, and does not hold these values"
		}
		return &o, nil
	}
	if t.clears {
		count, err := s.put(ctx, t, t.ahead.Group, plan.ClearID())
		t.cleared = t.cleared || count > 0 || isTemporary(err)
		if err != nil && !isAnswerForOne(err) {
			return nil, fmt.Errorf("clearing the externalReferenceId of group %d, which releases it later: %w", t.ahead.Group, err)
		}
		t.clears = false // whether the id is free now, the row's own PUT will show
		return nil, nil
	}
	count, err := s.put(ctx, t, t.ID, t.Update)
	if err != nil {
		return nil, err
	}
	o := t.outcome(journal.Updated, count)
	if count < 1 {
		if !s.mayNot.Load() {
			t.zero = true
			return nil, nil
		}
		o = t.unknown()
	}
	return &o, nil
}

// put sends a PUT for the row, and follows what it makes of the store.
func (s *sender) put(ctx context.Context, t *task, group int32, u ecwid.CustomerGroupUpdate) (int, error) {
	t.attempts++
	sent := u
	if s.store != nil {
		sent = s.store.AddName(group, u)
	}
	count, err := s.client.UpdateCustomerGroup(ctx, group, sent)
	switch {
	case s.store == nil, errors.Is(err, ecwid.ErrRateLimited):
	case err == nil && count > 0:
		s.store.Apply(group, u)
	case !isAnswerForOne(err) || errors.Is(err, ecwid.ErrGroupNotFound):
		s.store.ApplyUncertain(group, u)
	}
	return count, err
}

// isAnswerForOne reports whether the store refused one request, and so left the group as it was.
func isAnswerForOne(err error) bool {
	_, answered := errors.AsType[*ecwid.Error](err)
	return answered && !errors.Is(err, ecwid.ErrRefused) && !errors.Is(err, ecwid.ErrRateLimited) && !errors.Is(err, ecwid.ErrTemporary)
}

// next says what follows an attempt of unknown outcome.
type next int

const (
	tryAgain next = iota // after a wait
	giveWay              // another row may probe whether the store is back
	giveUp               // the row's tries are used up
)

// again counts an attempt of unknown outcome, and decides what follows it.
func (s *sender) again(a quota.Attempt, t *task, err error) (time.Duration, next) {
	if down, _ := s.pacer.Outage(); errors.Is(err, ecwid.ErrStaleConnection) && !t.repeated && !down {
		t.repeated = true
		s.retries.Add(1)
		a.Done(quota.Abandoned, 0, nil)
		return 0, tryAgain
	}
	answer, _ := errors.AsType[*ecwid.Error](err)
	v := quota.NoResponse
	switch {
	case answer != nil && answer.StatusCode == http.StatusRequestTimeout:
		v = quota.Responded
	case answer != nil:
		v = quota.ServerError
	case errors.Is(err, ecwid.ErrUnreachable):
		v = quota.NoConnection
	}
	a.Done(v, 0, err)
	down, left := s.pacer.Outage()
	if down {
		return 0, giveWay // the store is in trouble, not the row
	}
	if t.tries++; t.tries == 1 {
		t.failing = a.Began
	}
	// A row that gets no answer has used up its tries only if others were answered meanwhile.
	if t.tries >= s.maxTries && (answer != nil || s.pacer.LastResponse().After(t.failing)) {
		return 0, giveUp
	}
	if t.backoff == nil {
		t.backoff = backoff.NewExponentialBackOff()
		t.backoff.RandomizationFactor = 1 // full jitter
		t.backoff.Multiplier = 2
	}
	// One row may ask for no more time than an outage, and a store that is not responding is asked until it is one.
	patience := max(s.pacer.MaxOutage-time.Since(t.failing), 0)
	wait := min(max(t.backoff.NextBackOff(), min(retryAfter(err, 0), patience)), max(left, 0))
	s.retries.Add(1)
	if t.slot == nil {
		s.hooks.listRetry(err, wait)
	} else {
		s.hooks.retry(t.Row, err, wait)
	}
	return wait, tryAgain
}

// settle gives the row its outcome. Its error ends the run.
func (s *sender) settle(ctx context.Context, t *task, o Outcome) error {
	o, err := s.follow(ctx, t, o)
	if err != nil {
		return err
	}
	s.queue.settle(t, o)
	// Whoever comes to the number or beyond ends the run: the first to reach it may be slower than others.
	if o.Status == journal.Failed && s.maxFailures > 0 && s.failures.Add(1) >= int64(s.maxFailures) {
		err := &StoppedError{fmt.Errorf("%d rows failed, the number at which the run was to end", s.maxFailures)}
		s.pacer.Close(err)
		return err
	}
	return nil
}

// isTemporary reports whether another attempt may go better.
func isTemporary(err error) bool {
	_, silent := errors.AsType[*ecwid.NoResponseError](err)
	return silent || errors.Is(err, ecwid.ErrTemporary)
}

// retryAfter is what the answer asks to wait, or otherwise if it does not ask. It is at least a second:
// a program that is told to come back at once has still come too often.
func retryAfter(err error, otherwise time.Duration) time.Duration {
	if answer, ok := errors.AsType[*ecwid.Error](err); ok {
		if wait, ok := answer.Wait(time.Now()); ok {
			return max(wait, time.Second)
		}
	}
	return otherwise
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

func (t *task) outcome(s journal.Status, updateCount int) Outcome {
	return Outcome{Row: t.Row, Status: s, UpdateCount: updateCount, HTTPStatus: http.StatusOK, Attempts: t.attempts}
}

// unknown is the outcome of a row that the store did not update, and the token may not look why.
func (t *task) unknown() Outcome {
	o := t.outcome(journal.NotUpdated, 0)
	o.Reason = "the store updated nothing; whether it holds these values can be seen only with the scope read_customers"
	return o
}

// failed is the outcome of a row whose last request ended in err.
func (t *task) failed(err error) Outcome {
	if t.zero {
		o := t.outcome(journal.NotUpdated, 0)
		o.Reason = fmt.Sprintf("the store updated nothing, and asking it for the group failed: %v", err)
		return o
	}
	o := Outcome{Row: t.Row, Status: journal.Failed, UpdateCount: -1, Attempts: t.attempts, Reason: err.Error()}
	if answer, ok := errors.AsType[*ecwid.Error](err); ok {
		o.HTTPStatus = answer.StatusCode
	}
	switch {
	case t.winner != nil:
		o.Reason = fmt.Sprintf("externalReferenceId %q was given to group %d by line %d, an earlier row that wants it too: %v", t.ExternalReferenceID, t.winner.group, t.winner.line, err)
	case errors.Is(err, ecwid.ErrExternalIDTaken):
		o.Reason = fmt.Sprintf("externalReferenceId %q belongs to another group of the store: %v", t.ExternalReferenceID, err)
	}
	return o
}
