package sync

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"groupsync/ecwid"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
	"groupsync/sync/quota"
	"groupsync/sync/quote"
)

// sender sends the requests of rows until each has its outcome. The workers share it.
type sender struct {
	job   *Job
	gate  *quota.Gate
	queue *queue
	// store is updated with each response; nil if the store's groups were not listed.
	store     *plan.Store
	transfers transfers

	retries     atomic.Int64
	failures    atomic.Int64
	noReadScope atomic.Bool // the token lacks the scope to read groups
}

// newSender returns a sender. Its gate holds all other requests back until the first one gets a response. results is nil
// if the job only reads; begun tells whether an earlier run has written to them.
func (j *Job) newSender(results *journal.Journal, begun bool) *sender {
	gate := quota.Options{
		Rate: j.Rate,
		// One row alone, with all its attempts, is not an outage.
		OutageAfter: max(2*j.Concurrency, j.MaxAttempts+1),
		MaxOutage:   j.MaxOutage,
		Events:      quota.Events{Paused: j.Hooks.paused, Outage: j.Hooks.outage, Back: j.Hooks.back},
	}
	if !begun { // otherwise an earlier run has reached the store, so its address is right
		gate.ConnectWithin = j.Timeout
	}
	if results != nil {
		gate.LastUse, gate.Events.Used = results.LastUse(), results.Touch
	}
	return &sender{job: j, gate: quota.NewGate(gate), queue: newQueue(j.Limit)}
}

// work takes rows from the queue until there are none left, or no further request may leave. A request in
// flight continues when ctx ends, and is canceled when requestCtx ends.
func (s *sender) work(ctx, requestCtx context.Context) error {
	limit := timeLimit{parent: requestCtx, timeout: s.job.Timeout}
	defer limit.end()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx) // the source may have read all rows: nothing else reports that some are unsettled
		case t, ok := <-s.queue.ready:
			if !ok {
				return nil
			}
			if err := s.send(ctx, &limit, t); err != nil {
				return err
			}
		}
	}
}

// send sends requests for a row until its outcome is known, or until it has to wait for other rows. Its error
// says why the run is over; a row without an outcome then stays unsettled.
func (s *sender) send(ctx context.Context, limit *timeLimit, t *task) error {
	if o := s.compare(t); o.isKnown() {
		return s.settle(limit.parent, t, o)
	}
	if t.inspect && s.noReadScope.Load() {
		s.queue.inspected(t, false)
		return nil
	}
	if t.remaining > 0 {
		s.job.Hooks.deferred(t.remaining)
		t.remaining = 0
	}
	t.tries.row = &t.Row
	for {
		if t.cleared { // until the row's own PUT is sent, a group is without its external id
			ctx = limit.parent
		}
		var o Outcome
		step, err := s.request(ctx, limit, &t.tries, func(ctx context.Context) (err error) {
			o, err = s.attempt(ctx, t)
			return err
		})
		switch {
		case step == stepRunOver:
			return err
		case step == stepFailed:
			return s.fail(limit.parent, t, err)
		case step == stepStoreDown: // another row's request may show whether the store responds again
			s.queue.requeue(t)
			return nil
		case o.isKnown():
			return s.settle(limit.parent, t, o)
		case step == stepDone && t.inspect:
			s.queue.inspected(t, !s.noReadScope.Load())
			return nil
		}
	}
}

// compare compares a row with what the store is known to hold. It returns the outcome of a row that needs no request,
// or the zero Outcome.
func (s *sender) compare(t *task) (o Outcome) {
	switch {
	case t.givenUp:
		return t.failed(t.conflict)
	case t.Err != nil:
		return decidedOutcome(&t.Row, plan.DecideInvalid(t.Row, s.store))
	case s.store == nil, t.verify, t.clearFirst, t.inspect: // the row was compared before its first request
		return o
	}
	state := s.store.Lookup(t.Row)
	change := plan.Diff(t.Row, state, nil, t.dependency) // the simulation has compared the row with the base
	t.clearFirst = change.Action == plan.ClearAndPut
	if s.job.Base != nil {
		t.differing = new(change.Differing)
	}
	if !s.job.SkipUnchanged {
		return o
	}
	d, ok := change.Decide(t.Row, state)
	if !ok {
		return o
	}
	o = decidedOutcome(&t.Row, d)
	switch change.Action { // the results show the status that a PUT would return
	case plan.NoSuchGroup:
		o.HTTPStatus = http.StatusNotFound
	case plan.IDTaken:
		o.HTTPStatus = http.StatusConflict
	}
	return o
}

// attempt sends the next request of a row. If another request follows, it returns the zero Outcome and no error.
func (s *sender) attempt(ctx context.Context, t *task) (Outcome, error) {
	switch {
	case t.verify, t.inspect:
		return s.get(ctx, t)
	case t.clearFirst:
		count, err := s.put(ctx, t, t.dependency.Group, plan.ClearID())
		t.cleared = t.cleared || count > 0 || classify(err) == unknown
		if meaning := classify(err); meaning != succeeded && meaning != rejected {
			return Outcome{}, fmt.Errorf("clearing the externalReferenceId of group %d, which releases it later: %w", t.dependency.Group, err)
		}
		t.clearFirst = false // the row's own PUT shows whether the id is free
		return Outcome{}, nil
	}
	update := t.Update
	if t.differing != nil {
		update = *t.differing
	}
	count, err := s.put(ctx, t, t.ID, update)
	switch {
	case err != nil:
		return Outcome{}, err
	case count > 0:
		return t.outcome(journal.Updated, count), nil
	case s.noReadScope.Load():
		return t.unverified(), nil
	}
	t.verify = true
	return Outcome{}, nil
}

// get reads the group of a row: to learn why its PUT had the updateCount 0, or which external id the group of a
// deferred row holds. If the token lacks the scope for it, the run continues.
func (s *sender) get(ctx context.Context, t *task) (Outcome, error) {
	group, err := s.job.Client.CustomerGroup(ctx, t.ID)
	if errors.Is(err, ecwid.ErrForbidden) {
		s.noReadScope.Store(true)
		if t.inspect {
			return Outcome{}, nil
		}
		return t.unverified(), nil
	}
	if err != nil {
		return Outcome{}, err
	}
	if s.store != nil {
		s.store.Set(group)
	}
	if t.inspect {
		t.holds = &group.ExternalReferenceID
		return Outcome{}, nil
	}
	o := t.outcome(journal.Unchanged, 0)
	if t.Update.Changes(group) {
		o.Status, o.Reason = journal.NotUpdated, "the store updated nothing, and does not have these values"
	}
	return o, nil
}

// put sends a PUT for the row, and updates what is known about the store.
func (s *sender) put(ctx context.Context, t *task, group int32, u ecwid.CustomerGroupUpdate) (int, error) {
	t.attempts++
	sent := u
	if s.store != nil {
		sent = s.store.AddName(group, u)
	}
	count, err := s.job.Client.UpdateCustomerGroup(ctx, group, sent)
	if s.store == nil {
		return count, err
	}
	switch meaning := classify(err); {
	case meaning == succeeded && count > 0:
		s.store.Apply(group, u)
	case meaning == succeeded, meaning == unknown, meaning == refusedAll, errors.Is(err, ecwid.ErrGroupNotFound):
		s.store.ApplyUncertain(group, u)
	}
	return count, err
}

// settle gives the row its outcome. Its error ends the run.
func (s *sender) settle(ctx context.Context, t *task, o Outcome) error {
	o, err := s.finishTransfer(ctx, t, o)
	if err != nil {
		return err
	}
	s.queue.settle(t, o)
	// Other workers may count further failures before this comparison, so it is not for equality.
	if o.Status == journal.Failed && s.job.MaxFailures > 0 && s.failures.Add(1) >= int64(s.job.MaxFailures) {
		err := &StoppedError{&FailuresError{s.job.MaxFailures}}
		s.gate.Close(err)
		return err
	}
	return nil
}

// outcome returns the outcome of a row whose PUT got the status 200.
func (t *task) outcome(s journal.Status, updateCount int) Outcome {
	return Outcome{Row: &t.Row, Status: s, UpdateCount: updateCount, HTTPStatus: http.StatusOK, Attempts: t.attempts}
}

// unverified returns the outcome of a row that the store did not update, if the token lacks the scope to find out why.
func (t *task) unverified() Outcome {
	o := t.outcome(journal.NotUpdated, 0)
	o.Reason = "the store updated nothing; whether it has these values is unknown without the scope read_customers"
	return o
}

// failed returns the outcome of a row whose last request ended in err.
func (t *task) failed(err error) Outcome {
	if t.verify {
		o := t.outcome(journal.NotUpdated, 0)
		o.Reason = fmt.Sprintf("the store updated nothing, and reading the group failed: %v", err)
		return o
	}
	o := Outcome{Row: &t.Row, Status: journal.Failed, UpdateCount: -1, Attempts: t.attempts, Reason: err.Error()}
	if response, ok := errors.AsType[*ecwid.Error](err); ok {
		o.HTTPStatus = response.StatusCode
	}
	id := quote.Text(t.ExternalReferenceID)
	switch {
	case t.winner != nil:
		o.Reason = fmt.Sprintf("externalReferenceId %s was given to group %d by line %d, an earlier row with the same id: %v", id, t.winner.group, t.winner.line, err)
	case errors.Is(err, ecwid.ErrExternalIDTaken):
		o.Reason = fmt.Sprintf("externalReferenceId %s belongs to another group of the store: %v", id, err)
	}
	return o
}
