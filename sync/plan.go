package sync

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
)

// Plan calls each for every row, up to Limit, with what [Job.Run] with SkipUnchanged would do. It sends no PUT. The
// digest in totals covers the whole input, regardless of Limit. Plan needs an Input and a Client. Its errors are those of
// Run; if each returns an error, Plan ends and returns it.
func (j *Job) Plan(ctx context.Context, each func(plan.Entry) error) (totals plan.Totals, err error) {
	defer recoverPanic(&err)
	job, err := j.prepared(needs{input: true})
	if err != nil {
		return totals, err
	}
	sender := job.newSender(nil, false)
	defer func() { totals.Requests = sender.gate.Stats().Requests }()
	history := &journal.History{} // no row is settled
	_, base, err := job.readStore(ctx, sender, false, history)
	if err != nil {
		return totals, runError(err)
	}
	simulation, err := job.newSimulation(ctx, sender.store, base, history)
	if err != nil {
		return totals, runError(err)
	}
	totals, err = plan.Compute(job.Input.Reader(), simulation, job.Results.StoreID, history.Settled, job.Limit, each)
	return totals, runError(err)
}

// survey does the work before the first PUT. It lists the store's groups if the job requires it, compares the plan
// with what is allowed, and writes the backup. The simulation is nil if the groups were not listed.
func (j *Job) survey(ctx context.Context, s *sender, history *journal.History) (*plan.Simulation, error) {
	if !j.SkipUnchanged && j.Backup == "" && !j.MaxChanges.Set && j.Expect == "" && j.Input.Reader().KeyColumn() == "" {
		return nil, j.backUp(nil, history)
	}
	groups, base, err := j.readStore(ctx, s, j.Backup == "", history)
	if err != nil {
		return nil, err
	}
	simulation, err := j.newSimulation(ctx, s.store.Clone(), base.Clone(), history)
	if err != nil {
		return nil, err
	}
	if j.MaxChanges.Set || j.Expect != "" && !history.Begun {
		if err := j.checkPlan(ctx, s.store, base, simulation.Lookahead, history); err != nil {
			return nil, err
		}
	}
	return simulation, j.backUp(groups, history)
}

// readStore lists the store's groups, passes them to the sender and to the reader of the input, and reads the job's
// base. quick is [ecwid.ListOptions.Quick].
func (j *Job) readStore(ctx context.Context, s *sender, quick bool, history *journal.History) ([]ecwid.CustomerGroup, *plan.Base, error) {
	groups, err := s.list(ctx, quick)
	if err != nil {
		return nil, nil, err
	}
	s.readProfile(ctx)
	s.store = plan.NewStore(groups)
	plan.FindGroups(j.Input.Reader(), s.store)
	base, err := j.readBase(ctx, s.store, history)
	return groups, base, err
}

// readBase returns the job's base, without the groups that the store does not have, or nil if the job has none. What
// earlier runs of the job have changed does not count as a change by others.
func (j *Job) readBase(ctx context.Context, store *plan.Store, history *journal.History) (*plan.Base, error) {
	if j.Base == nil {
		return nil, nil
	}
	base, err := plan.NewBase(j.Base, j.Input.Reader().KeyColumn(), store)
	if err == nil && history.Retry {
		err = base.AddSent(j.oldResults(ctx), store)
	}
	if err != nil || !history.Begun && !history.Resumed {
		return base, err
	}
	return base, base.Continue(store, history.Settled, window, func(visit func(groupfile.Row)) error {
		return j.visitValid(ctx, store, visit)
	})
}

// oldResults returns the good rows of the results that a retry starts from. They show what was sent; the input does not,
// because it may have been edited since.
func (j *Job) oldResults(ctx context.Context) iter.Seq2[groupfile.Row, error] {
	return func(yield func(groupfile.Row, error) bool) {
		fail := func(err error) { yield(groupfile.Row{}, fmt.Errorf("reading the old results: %w", err)) }
		f, err := os.Open(j.Results.Path)
		if err != nil {
			fail(err)
			return
		}
		base, err := groupfile.OpenBase(ctx, f, groupfile.ReaderOptions{Name: j.Results.Path, File: f}, j.Results.StoreID)
		if err != nil {
			fail(errors.Join(err, f.Close()))
			return
		}
		// Both are only read, so errors of Close do not matter.
		defer f.Close()
		defer base.Close()
		for row, err := range base.Rows() {
			if !yield(row, err) {
				return
			}
		}
	}
}

// newSimulation returns the simulation of the rows that earlier runs have not settled. If the input can be read twice,
// newSimulation first reads it to its end, so that the simulation knows the later rows.
func (j *Job) newSimulation(ctx context.Context, store *plan.Store, base *plan.Base, history *journal.History) (*plan.Simulation, error) {
	if !j.Input.Repeatable() {
		return plan.NewSimulation(store, base, nil, window), nil
	}
	lookahead, err := plan.LookAhead(store, base, window, func(visit func(groupfile.Row)) error {
		return j.visitValid(ctx, store, func(row groupfile.Row) {
			if !history.Settled(row.Line) {
				visit(row)
			}
		})
	})
	return plan.NewSimulation(store, base, lookahead, window), err
}

// visitValid reads the input from its beginning, and calls visit for its valid rows.
func (j *Job) visitValid(ctx context.Context, store *plan.Store, visit func(groupfile.Row)) error {
	return j.Input.Again(ctx, func(in *groupfile.Reader) error {
		plan.FindGroups(in, store)
		for row, err := range in.All() {
			if err != nil {
				return err
			}
			if row.Err == nil {
				visit(row)
			}
		}
		return nil
	})
}

// checkPlan compares the plan of the rows that earlier runs have not settled with what is allowed. Only the first run
// compares the digest, because the rest of a plan has a different digest from the whole plan.
func (j *Job) checkPlan(ctx context.Context, store *plan.Store, base *plan.Base, lookahead plan.Lookahead, history *journal.History) error {
	var totals plan.Totals
	err := j.Input.Again(ctx, func(in *groupfile.Reader) (err error) {
		plan.FindGroups(in, store)
		simulation := plan.NewSimulation(store.Clone(), base.Clone(), lookahead, window)
		totals, err = plan.Compute(in, simulation, j.Results.StoreID, history.Settled, 0, func(plan.Entry) error { return nil })
		return err
	})
	if err != nil {
		return err
	}
	j.Hooks.planned(totals)
	switch {
	case j.MaxChanges.Set && totals.Puts > j.MaxChanges.Max(totals.Groups):
		what, sent := "the plan", "nothing was sent"
		if history.Begun {
			what, sent = "the rest of the plan", "nothing more was sent"
		}
		return &PlanError{fmt.Sprintf("%s has %s, but the limit for this store of %s is %v: %s",
			what, plural(totals.Puts, "change"), plural(totals.Groups, "group"), j.MaxChanges, sent)}
	case j.Expect != "" && j.Expect != totals.Digest && !history.Begun:
		return &PlanError{fmt.Sprintf("the plan is not the expected one: its digest is %s, not %s, so the store or the file has changed since; nothing was sent", totals.Digest, j.Expect)}
	}
	return nil
}
