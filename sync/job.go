// Package sync brings the customer groups of an Ecwid store in line with a CSV file, row by row.
//
//	file ─ reader ─ Row ─┬─ worker ─┬─ Outcome ─ reporter ─ results
//	                     └─ worker ─┘
//
// A [Job] reads rows as fast as they are settled, never far ahead; workers send one PUT for each, all
// through one pacer, which keeps the store's quota; a reporter writes the outcomes in the order of the
// input to the results file. That file is the run's journal: what it holds is settled, what it does not
// hold was not, and a later run goes on from there.
package sync

import (
	"cmp"
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
	"groupsync/sync/quota"

	"golang.org/x/sync/errgroup"
)

// Job is one run. Its fields are not changed by Run.
type Job struct {
	// Input brings the rows. External ids can go from group to group in a circle only if it can be read again.
	Input   *groupfile.Input
	Client  *ecwid.Client
	Results journal.Results

	// Rate is the quota: no window of its length sees more requests.
	Rate quota.Rate
	// Concurrency is the number of workers, and so of requests under way at once.
	Concurrency int
	// Timeout is how long one attempt may take.
	Timeout time.Duration
	// MaxAttempts is how often a row is tried when the outcome of an attempt is unknown.
	MaxAttempts int
	// MaxFailures ends the run after so many failed rows, unless 0.
	MaxFailures int
	// MaxOutage is how long to wait for a store that does not answer at all.
	MaxOutage time.Duration
	// Limit ends the run after so many rows, unless 0.
	Limit int

	// Each of these four makes the run list the store's groups before its first PUT, as an Input with a Key
	// does, which needs the scope read_customers.

	// SkipUnchanged settles rows without a request that change nothing, or whose group does not exist.
	SkipUnchanged bool
	// Backup is a file that takes the groups as they are before the first PUT, unless "". It must not exist, but
	// for a run that resumes the results that the backup was written for.
	Backup string
	// MaxChanges refuses a run whose plan has more PUTs, Expect one whose plan has another digest, unless "".
	// The plan is that of all rows, also with a Limit. Of a run that resumes, MaxChanges is compared with what is
	// left of it; Expect is not compared: what is left has another digest. Both need an Input that
	// can be read again.
	MaxChanges plan.Limit
	Expect     string

	Hooks Hooks

	disk journal.FS // nil: the real one
}

// softStop is how long requests that are under way may take once the run is to end.
const softStop = 10 * time.Second

// Run carries the job out.
//
// Its error is nil when every row of the input is settled, whatever became of it. An [*EndedError] or an
// [*InterruptedError] is a run that ended early, a [*PanicError] a bug, and any other error one that
// could not start and sent nothing: with a [*LockedError] because another run is at work.
func (j *Job) Run(ctx context.Context) (sum Summary, err error) {
	defer caught(&err)
	sum.Started = time.Now()
	defer func() { sum.Elapsed = time.Since(sum.Started) }()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	journal, err := journal.Open(ctx, cmp.Or[journal.FS](j.disk, journal.OS{}), j.Results, journal.Format(j.Input.Reader().Format()), j.Hooks.warn)
	if err != nil {
		return sum, early(err)
	}
	defer func() {
		if closeErr := journal.Close(); err == nil && closeErr != nil {
			err = &InterruptedError{closeErr}
		}
	}()
	past, err := journal.Replay(j.Input.Reader(), window)
	if err != nil {
		journal.Err = err // what is not understood is not written to
		return sum, early(err)
	}
	sum.Rows, sum.Recorded, sum.CompleteSince = past.Counts, past.Recorded, past.CompleteSince
	defer func() {
		sum.Passed, sum.Untidy, sum.Reasons = j.Input.Reader().Passed(), j.Input.Reader().Untidy(), past.Reasons.Top()
	}()
	j.Hooks.begun(sum.Rows)
	if !sum.CompleteSince.IsZero() {
		return sum, nil
	}
	sender := j.newSender(journal.LastUse(), journal.Touch)
	pacer := sender.pacer
	if past.Begun {
		pacer.ConnectWithin = 0 // the store was there
	}
	store, ahead, err := j.survey(ctx, sender, &past)
	sum.Requests, sum.Limited, sum.Pauses, sum.Waited = pacer.Counts()
	if err == nil {
		past.Find(j.Input.Reader())
		if flushErr := journal.Flush(); flushErr != nil { // from here on the run has begun
			err = &InterruptedError{flushErr}
		}
	}
	if err != nil {
		journal.Discard()
		return sum, early(err)
	}

	run, ctx := errgroup.WithContext(ctx)
	hard, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	defer context.AfterFunc(ctx, func() {
		j.Input.Reader().Stop(context.Cause(ctx))
		soft := time.NewTimer(softStop)
		defer soft.Stop()
		select {
		case <-soft.C:
			giveUp()
		case <-hard.Done():
		}
	})()

	slots := make(chan chan Outcome, window)
	settled := make(chan struct{})
	queue := newQueue(j.Limit)
	source := &source{
		reader: j.Input.Reader(), past: past, slots: slots, queue: queue, pacer: pacer, limit: j.Limit, small: j.Rate.Small(),
		ahead: ahead,
	}
	sender.queue, sender.store = queue, store
	reporter := &reporter{journal: journal, hooks: j.Hooks, counts: sum.Rows, reasons: past.Reasons, stop: stop}

	run.Go(guarded(func() error {
		defer close(slots)
		return source.read(ctx)
	}))
	var workers sync.WaitGroup
	workers.Add(j.Concurrency)
	for range j.Concurrency {
		run.Go(guarded(func() error {
			defer workers.Done()
			return sender.work(ctx, hard)
		}))
	}
	run.Go(func() error {
		workers.Wait()
		close(settled)
		return nil
	})
	run.Go(func() error {
		err := guarded(func() error { return reporter.report(slots, settled) })()
		if err != nil {
			stop(err)
			for range slots { // whoever brings the slots must not wait for a reporter that has gone
			}
		}
		return err
	})
	err = run.Wait()
	if outage, ok := errors.AsType[*quota.OutageError](err); ok && outage.Unreachable && !past.Begun {
		journal.Remove() // nothing was sent
	}

	sum.Requests, sum.Limited, sum.Pauses, sum.Waited = pacer.Counts()
	sum.Retries = int(sender.retries.Load())
	sum.NoReadScope = sender.mayNot.Load() && !sum.Good()
	return sum, early(cmp.Or(err, source.endedEarly))
}

// newSender returns a sender. Requests of an earlier run left until lastUse; use is called before requests leave.
func (j *Job) newSender(lastUse time.Time, use func()) *sender {
	events := quota.Events{Paused: j.Hooks.paused, Outage: j.Hooks.outage, Back: j.Hooks.back, Used: use}
	// One row alone, with all its tries, does not make an outage.
	pacer := quota.NewGate(j.Rate, lastUse, max(2*j.Concurrency, j.MaxAttempts+1), j.MaxOutage, events)
	pacer.ConnectWithin = j.Timeout
	return &sender{
		client:      j.Client,
		pacer:       pacer,
		hooks:       j.Hooks,
		timeout:     j.Timeout,
		maxTries:    j.MaxAttempts,
		maxFailures: j.MaxFailures,
		skip:        j.SkipUnchanged,
	}
}

// early makes of a context that ended the error of a run that ended early.
func early(err error) error {
	if outage, ok := errors.AsType[*quota.OutageError](err); ok {
		if outage.Unreachable {
			return &StoppedError{outage.Cause}
		}
		return &InterruptedError{err}
	}
	if _, interrupted := errors.AsType[*InterruptedError](err); interrupted {
		return err
	}
	if _, changed := errors.AsType[*groupfile.InputChangedError](err); changed {
		return &InterruptedError{err}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &InterruptedError{err}
	}
	return err
}

// guarded turns a panic of f into an error: errgroup would let it end the program, with the exit code of
// a program that could not start.
func guarded(f func() error) func() error {
	return func() (err error) {
		defer caught(&err)
		return f()
	}
}

// caught, deferred, turns a panic into an error.
func caught(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{v, debug.Stack()}
	}
}
