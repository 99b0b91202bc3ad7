package sync

import (
	"context"
	"time"
)

// Plan says, row by row up to Limit, what Run with SkipUnchanged would do, and sends no PUT. The digest is that of
// the whole plan. Its errors are those of Run;
// one of each ends it.
func (j *Job) Plan(ctx context.Context, each func(Step) error) (f Forecast, err error) {
	defer caught(&err)
	sender := j.newSender(time.Time{}, nil)
	f, err = j.plan(ctx, sender, each)
	f.Requests, _, _, _ = sender.pacer.counts()
	return f, early(err)
}

func (j *Job) plan(ctx context.Context, sender *sender, each func(Step) error) (Forecast, error) {
	groups, err := sender.list(ctx, false)
	if err != nil {
		return Forecast{}, err
	}
	store := newHoldings(groups)
	findGroups(j.Input.rows, store)
	ahead, err := j.foresee(ctx, store, &past{})
	if err != nil {
		return Forecast{}, err
	}
	return forecast(j.Input.rows, ahead, j.Results.StoreID, (&past{}).settled, j.Limit, each)
}

// foresee reads the input ahead, if it can be read twice. Rows that an earlier run settled do not count.
func (j *Job) foresee(ctx context.Context, store *holdings, past *past) (*foresight, error) {
	if !j.Input.Repeatable() {
		return newForesight(store, nil, window), nil
	}
	later, err := lookAhead(store, window, func(visit func(Row)) error {
		return j.Input.Again(ctx, func(in *Reader) error {
			findGroups(in, store)
			for row, err := range in.All() {
				if err != nil {
					return err
				}
				if row.Err == nil && !past.settled(row.Line) {
					visit(row)
				}
			}
			return nil
		})
	})
	return newForesight(store, later, window), err
}
