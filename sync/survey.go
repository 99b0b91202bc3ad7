package sync

import (
	"context"
	"fmt"
)

// PlanError is a run that was refused because of what it would do to the store.
type PlanError struct{ Reason string }

func (e *PlanError) Error() string { return e.Reason }

// survey lists the store's groups, if the job asks for it, and does what comes before the first PUT: it
// looks whether the plan is what was allowed, and writes the backup.
func (j *Job) survey(ctx context.Context, sender *sender, past *past) (*holdings, *foresight, error) {
	if !j.SkipUnchanged && j.Backup == "" && !j.MaxChanges.set && j.Expect == "" && j.Input.rows.keyColumn() == "" {
		return nil, nil, j.backUp(nil, past)
	}
	groups, err := sender.list(ctx, j.Backup == "")
	if err != nil {
		return nil, nil, err
	}
	store := newHoldings(groups)
	findGroups(j.Input.rows, store)
	ahead, err := j.foresee(ctx, store.clone(), past)
	if err != nil {
		return nil, nil, err
	}
	if j.MaxChanges.set || j.Expect != "" && !past.begun {
		if err := j.check(ctx, store, ahead.later, past); err != nil {
			return nil, nil, err
		}
	}
	return store, ahead, j.backUp(groups, past)
}

// check compares the plan with what was allowed: all of it, or what earlier runs have left of it, whether or not
// this run is to end before. What is left has another digest, so that one is compared by the first run only.
func (j *Job) check(ctx context.Context, store *holdings, later lookahead, past *past) error {
	f, err := j.forecast(ctx, store, later, past)
	switch {
	case err != nil:
		return err
	case j.MaxChanges.set && f.Puts > j.MaxChanges.of(f.Groups):
		plan, sent := "the plan", "nothing was sent"
		if past.begun {
			plan, sent = "what is left of the plan", "nothing more was sent"
		}
		return &PlanError{fmt.Sprintf("%s has %d changes, and at most %v are allowed in this store of %d groups: %s", plan, f.Puts, j.MaxChanges, f.Groups, sent)}
	case j.Expect != "" && j.Expect != f.Digest && !past.begun:
		return &PlanError{fmt.Sprintf("the plan is not the one that was expected: its digest is %s, not %s: the store or the file has changed since; nothing was sent", f.Digest, j.Expect)}
	}
	return nil
}

// forecast makes the plan of all rows that earlier runs have not settled.
func (j *Job) forecast(ctx context.Context, store *holdings, later lookahead, past *past) (f Forecast, err error) {
	err = j.Input.Again(ctx, func(in *Reader) (err error) {
		findGroups(in, store)
		f, err = forecast(in, newForesight(store.clone(), later, window), j.Results.StoreID, past.settled, 0, func(Step) error { return nil })
		return err
	})
	return f, err
}
