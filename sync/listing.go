package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"groupsync/ecwid"
	"groupsync/sync/quota"
)

// Groups lists the store's groups, the default one included, by their id. Its errors are those of Run;
// requests is how many it took.
func (j *Job) Groups(ctx context.Context) (groups []ecwid.CustomerGroup, requests int, err error) {
	defer caught(&err)
	sender := j.newSender(time.Time{}, nil)
	groups, err = sender.list(ctx, false)
	requests, _, _, _ = sender.pacer.Counts()
	return groups, requests, early(err)
}

// list lists the store's groups by their id.
func (s *sender) list(ctx context.Context, quick bool) ([]ecwid.CustomerGroup, error) {
	var groups []ecwid.CustomerGroup
	for g, err := range s.client.CustomerGroups(ctx, ecwid.ListOptions{Fetch: s.page, Quick: quick}) {
		if err != nil {
			return nil, listingError(err)
		}
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b ecwid.CustomerGroup) int { return cmp.Compare(a.ID, b.ID) })
	return groups, nil
}

// listingError is why a run that could not list the groups is over.
func listingError(err error) error {
	_, ended := errors.AsType[*StoppedError](err)
	_, interrupted := errors.AsType[*InterruptedError](err)
	_, outage := errors.AsType[*quota.OutageError](err)
	if ended || interrupted || outage || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &InterruptedError{fmt.Errorf("the store's groups can't be listed: %w", err)}
}

// page reads one page of the list. It is as patient as [sender.send].
func (s *sender) page(ctx context.Context, offset int) (ecwid.CustomerGroupPage, error) {
	none := ecwid.CustomerGroupPage{}
	t := &task{}
	for {
		a, err := s.pacer.Enter(ctx)
		if err != nil {
			return none, err
		}
		page, err := s.fetch(ctx, offset)
		switch {
		case err == nil:
			a.Done(quota.Responded, 0, nil)
			return page, nil

		case ctx.Err() != nil:
			a.Done(quota.Abandoned, 0, nil)
			return none, context.Cause(ctx)

		case errors.Is(err, ecwid.ErrRateLimited):
			a.Done(quota.RateLimited, retryAfter(err, quota.DefaultPause), err)

		case errors.Is(err, ecwid.ErrForbidden):
			a.Done(quota.Responded, 0, nil)
			return none, &StoppedError{&ScopeError{"read_customers", err}}

		case isTemporary(err) && !isCertificate(err):
			wait, next := s.again(a, t, err)
			switch next {
			case giveUp:
				return none, err
			case tryAgain:
				if err := sleep(ctx, wait); err != nil {
					return none, err
				}
			}

		default:
			a.Done(quota.Responded, 0, nil)
			return none, &StoppedError{err}
		}
	}
}

func (s *sender) fetch(ctx context.Context, offset int) (ecwid.CustomerGroupPage, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return s.client.CustomerGroupPage(ctx, offset)
}
