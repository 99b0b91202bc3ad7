package sync

import (
	"context"
	"time"

	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
)

// Plan says, row by row up to Limit, what Run with SkipUnchanged would do, and sends no PUT. The digest is that of
// the whole plan. Its errors are those of Run;
// one of each ends it.
func (j *Job) Plan(ctx context.Context, each func(plan.Entry) error) (f plan.Totals, err error) {
	defer caught(&err)
	sender := j.newSender(time.Time{}, nil)
	f, err = j.plan(ctx, sender, each)
	f.Requests, _, _, _ = sender.pacer.Counts()
	return f, early(err)
}

func (j *Job) plan(ctx context.Context, sender *sender, each func(plan.Entry) error) (plan.Totals, error) {
	groups, err := sender.list(ctx, false)
	if err != nil {
		return plan.Totals{}, err
	}
	store := plan.NewStore(groups)
	plan.FindGroups(j.Input.Reader(), store)
	ahead, err := j.foresee(ctx, store, &journal.History{})
	if err != nil {
		return plan.Totals{}, err
	}
	return plan.Compute(j.Input.Reader(), ahead, j.Results.StoreID, (&journal.History{}).Settled, j.Limit, each)
}

// foresee reads the input ahead, if it can be read twice. Rows that an earlier run settled do not count.
func (j *Job) foresee(ctx context.Context, store *plan.Store, past *journal.History) (*plan.Simulation, error) {
	if !j.Input.Repeatable() {
		return plan.NewSimulation(store, nil, window), nil
	}
	later, err := plan.LookAhead(store, window, func(visit func(groupfile.Row)) error {
		return j.Input.Again(ctx, func(in *groupfile.Reader) error {
			plan.FindGroups(in, store)
			for row, err := range in.All() {
				if err != nil {
					return err
				}
				if row.Err == nil && !past.Settled(row.Line) {
					visit(row)
				}
			}
			return nil
		})
	})
	return plan.NewSimulation(store, later, window), err
}
