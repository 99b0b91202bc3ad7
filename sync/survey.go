package sync

import (
	"context"
	"fmt"

	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
)

// PlanError is a run that was refused because of what it would do to the store.
type PlanError struct{ Reason string }

func (e *PlanError) Error() string { return e.Reason }

// survey lists the store's groups, if the job asks for it, and does what comes before the first PUT: it
// looks whether the plan is what was allowed, and writes the backup.
func (j *Job) survey(ctx context.Context, sender *sender, past *journal.History) (*plan.Store, *plan.Simulation, error) {
	if !j.SkipUnchanged && j.Backup == "" && !j.MaxChanges.Set && j.Expect == "" && j.Input.Reader().KeyColumn() == "" {
		return nil, nil, j.backUp(nil, past)
	}
	groups, err := sender.list(ctx, j.Backup == "")
	if err != nil {
		return nil, nil, err
	}
	store := plan.NewStore(groups)
	plan.FindGroups(j.Input.Reader(), store)
	ahead, err := j.foresee(ctx, store.Clone(), past)
	if err != nil {
		return nil, nil, err
	}
	if j.MaxChanges.Set || j.Expect != "" && !past.Begun {
		if err := j.check(ctx, store, ahead.Lookahead, past); err != nil {
			return nil, nil, err
		}
	}
	return store, ahead, j.backUp(groups, past)
}

// check compares the plan with what was allowed: all of it, or what earlier runs have left of it, whether or not
// this run is to end before. What is left has another digest, so that one is compared by the first run only.
func (j *Job) check(ctx context.Context, store *plan.Store, later plan.Lookahead, past *journal.History) error {
	f, err := j.forecast(ctx, store, later, past)
	switch {
	case err != nil:
		return err
	case j.MaxChanges.Set && f.Puts > j.MaxChanges.Max(f.Groups):
		plan, sent := "the plan", "nothing was sent"
		if past.Begun {
			plan, sent = "what is left of the plan", "nothing more was sent"
		}
		return &PlanError{fmt.Sprintf("%s has %d changes, and at most %v are allowed in this store of %d groups: %s", plan, f.Puts, j.MaxChanges, f.Groups, sent)}
	case j.Expect != "" && j.Expect != f.Digest && !past.Begun:
		return &PlanError{fmt.Sprintf("the plan is not the one that was expected: its digest is %s, not %s: the store or the file has changed since; nothing was sent", f.Digest, j.Expect)}
	}
	return nil
}

// forecast makes the plan of all rows that earlier runs have not settled.
func (j *Job) forecast(ctx context.Context, store *plan.Store, later plan.Lookahead, past *journal.History) (f plan.Totals, err error) {
	err = j.Input.Again(ctx, func(in *groupfile.Reader) (err error) {
		plan.FindGroups(in, store)
		f, err = plan.Compute(in, plan.NewSimulation(store.Clone(), later, window), j.Results.StoreID, past.Settled, 0, func(plan.Entry) error { return nil })
		return err
	})
	return f, err
}
