// Package sync brings the customer groups of an Ecwid store in line with a file, row by row.
//
//	file ─ source ─ Row ─┬─ worker ─┬─ Outcome ─ reporter ─ results file
//	                     └─ worker ─┘
//
// A [Job] is one run. Its source passes rows to the workers, and is never more than a window of rows ahead of the
// oldest unsettled row. The workers send one PUT for each row, and every request passes through one [quota.Gate]. The
// reporter writes the outcomes, in the order of the input, to the results file. That file is the journal of
// the run: a row with a record is settled, a row without one is not, and a later run continues from there.
//
// Where to look: plan.go and backup.go do the work before the first PUT. source.go reads the rows, queue.go decides which
// row may be sent next, sender.go sends requests for a row until its outcome is known, request.go sends one request and
// decides what its error means for the run, and reporter.go writes the results. deferred.go and owners.go defer rows whose
// external id belongs to another group, and transfers.go handles external ids that are cleared for another row.
package sync

import (
	"cmp"
	"context"
	"errors"
	"iter"
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

// Job is one run. [Job.Run] needs an Input, a Client and Results; the zero value of every other field means its
// default. The methods do not change the Job.
//
// The fields from SkipUnchanged to Base, and an Input with a key, make a run list the store's groups before its first
// PUT. The token then needs the scope read_customers.
type Job struct {
	// Input is the source of the rows. If it can be read only once, a run cannot exchange external ids in a cycle, such
	// as a swap between two groups.
	Input *groupfile.Input
	// Client sends the requests.
	Client *ecwid.Client
	// Results tells where the results are written, and what to do with existing ones.
	Results journal.Results

	// Rate is the quota of the store, which the run never exceeds. Zero means [DefaultRequests] per [DefaultWindow].
	Rate quota.Rate
	// Concurrency is the number of workers, and so the maximum number of requests in flight. Zero means
	// [DefaultConcurrency].
	Concurrency int
	// Timeout is how long one attempt may take. Zero means [DefaultTimeout].
	Timeout time.Duration
	// MaxAttempts is how many attempts with an unknown result, such as a timeout or a 5xx, a row may have before it
	// fails. Zero means [DefaultMaxAttempts].
	MaxAttempts int
	// MaxOutage is how long to wait for a store that is not responding. Zero means [DefaultMaxOutage].
	MaxOutage time.Duration
	// MaxFailures ends the run after this number of failed rows. Zero means no limit.
	MaxFailures int
	// Limit ends the run after this number of rows. Zero means no limit.
	Limit int

	// SkipUnchanged settles rows without a request if they change nothing, or if their group does not exist.
	SkipUnchanged bool
	// Backup is the path of a file that receives the groups as they are before the first PUT. The file must not
	// exist, unless the run resumes the results that this backup was written for. Empty means no backup.
	Backup string
	// MaxChanges is the largest number of PUTs that the plan may have; otherwise the run is refused. The plan covers
	// all rows that no earlier run has settled, regardless of Limit. It needs an Input that can be read twice.
	MaxChanges plan.Limit
	// Expect is the digest that the plan must have; otherwise the run is refused. A run that resumes does not compare
	// it, because the rest of a plan has a different digest. It needs an Input that can be read twice. Empty means
	// any plan.
	Expect string
	// Base yields the values that the groups had before the input was edited. If it has several rows for a group, the
	// last one counts, and a field that the row does not set is unknown. With a base, a run sends only what the input
	// changes, and a row that changes what others have changed since the base is a [journal.Conflict]: see
	// [plan.Diff]. It implies SkipUnchanged, and needs an Input that can be read twice. Nil means no base.
	Base iter.Seq2[groupfile.Row, error]

	Hooks Hooks

	disk journal.FS // nil: the real one
}

// stopGrace is how long requests in flight may still take once the run has to end.
const stopGrace = 10 * time.Second

// Run runs the job.
//
// Its error is nil if every row of the input is settled, regardless of its outcome. A [*StoppedError] or an
// [*InterruptedError] means that the run ended early, a [*PanicError] that there is a bug. Any other error means that
// the run could not start and sent no PUT; it is a [*journal.LockedError] if another run writes to the same results.
func (j *Job) Run(ctx context.Context) (sum Summary, err error) {
	defer recoverPanic(&err)
	sum.Started = time.Now()
	defer func() { sum.Elapsed = time.Since(sum.Started) }()
	job, err := j.prepared(needs{input: true, results: true})
	if err != nil {
		return sum, err
	}

	// Find out what earlier runs have settled.
	rows := job.Input.Reader()
	results, err := journal.Open(ctx, cmp.Or[journal.FS](job.disk, journal.OS{}), job.Results, journal.FormatFor(rows.Format()), job.Hooks.warn)
	if err != nil {
		return sum, runError(err)
	}
	defer func() { err = cmp.Or(err, resultsError(results.Close())) }()
	history, err := results.Replay(ctx, job.Input, window)
	if err != nil {
		results.Discard()
		return sum, runError(err)
	}
	sum.Rows, sum.Recorded, sum.CompleteSince = history.Counts, history.Recorded, history.CompleteSince
	defer func() {
		sum.Untidy, sum.Reasons = rows.Untidy(), history.Reasons.Top()
	}()
	job.Hooks.begun(sum.Rows)
	switch {
	case !sum.CompleteSince.IsZero():
		return sum, nil
	case history.AllSettled:
		return sum, resultsError(results.Finish(ctx, job.Input, &history))
	case history.Conflicts && job.Base == nil:
		results.Discard()
		return sum, &BaseMissingError{job.Results.Path}
	}

	// List the store if necessary, and check whether the run may begin.
	sender := job.newSender(results, history.Begun)
	defer func() { sum.addRequests(sender) }()
	simulation, err := job.survey(ctx, sender, &history)
	if err != nil {
		results.Discard()
		return sum, runError(err)
	}
	history.FindGroups(rows)
	if err := results.Flush(); err != nil { // from here on the run has begun
		results.Discard()
		return sum, &InterruptedError{err}
	}

	// Send the rows.
	source := newSource(job, sender, history, simulation)
	reporter := &reporter{journal: results, hooks: job.Hooks, counts: sum.Rows, reasons: history.Reasons}
	err = job.pipeline(ctx, source, sender, reporter)
	if outage, ok := errors.AsType[*quota.OutageError](err); ok && outage.Unreachable && !history.Begun {
		results.Remove() // nothing was sent
	}
	if err := cmp.Or(err, source.endedEarly); err != nil {
		return sum, runError(err)
	}
	return sum, resultsError(results.Finish(ctx, job.Input, &history))
}

// resultsError returns the error of a run whose results cannot be completed because of err, or nil if err is nil.
func resultsError(err error) error {
	if err == nil {
		return nil
	}
	return &InterruptedError{err}
}

// pipeline sends the rows of the source and reports their outcomes, until there are none left or the run has to end.
func (j *Job) pipeline(ctx context.Context, source *source, sender *sender, reporter *reporter) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	group, ctx := errgroup.WithContext(ctx)
	requestCtx, cancel := withGrace(ctx, stopGrace)
	defer cancel()
	defer context.AfterFunc(ctx, func() { source.reader.Stop(context.Cause(ctx)) })()

	slots := make(chan chan Outcome, window) // in the order of the input: each receives the outcome of its row
	workersDone := make(chan struct{})       // closed when all workers have ended
	// A slot whose outcome was received serves a later row.
	unused := &sync.Pool{New: func() any { return make(chan Outcome, 1) }}
	group.Go(noPanic(func() error {
		defer close(slots)
		return source.read(ctx, slots, unused)
	}))
	var workers sync.WaitGroup
	workers.Add(j.Concurrency)
	for range j.Concurrency {
		group.Go(noPanic(func() error {
			defer workers.Done()
			return sender.work(ctx, requestCtx)
		}))
	}
	group.Go(func() error {
		workers.Wait()
		close(workersDone)
		return nil
	})
	group.Go(func() error {
		err := noPanic(func() error { return reporter.report(slots, unused, workersDone, stop) })()
		if err != nil {
			stop(err)
			for range slots { // so that the source does not wait for a reporter that has ended
			}
		}
		return err
	})
	return group.Wait()
}

// withGrace returns a context that ends when grace has passed after the end of ctx.
func withGrace(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		if sleep(longer, grace) == nil {
			cancel()
		}
	})
	return longer, func() {
		stop()
		cancel()
	}
}

// runError returns the error that a method of [Job] returns for err. The end of a context, an outage and a change of the
// input become a [*StoppedError] or an [*InterruptedError] here.
func runError(err error) error {
	_, interrupted := errors.AsType[*InterruptedError](err)
	_, changed := errors.AsType[*groupfile.InputChangedError](err)
	outage, down := errors.AsType[*quota.OutageError](err)
	switch {
	case down && outage.Unreachable:
		return &StoppedError{outage.Cause}
	case interrupted:
		return err
	case down, changed, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &InterruptedError{err}
	}
	return err
}

// noPanic returns a function that calls f and turns a panic into an error: errgroup does not catch panics, and an
// uncaught panic exits with code 2, which means that the run could not start.
func noPanic(f func() error) func() error {
	return func() (err error) {
		defer recoverPanic(&err)
		return f()
	}
}

// recoverPanic turns a panic into an error. It must be deferred.
func recoverPanic(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{v, debug.Stack()}
	}
}
