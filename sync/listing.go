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

// Groups returns the store's groups, including the default one, ordered by id, and the number of requests that this
// took. It needs only a Client. Its errors are those of [Job.Run].
func (j *Job) Groups(ctx context.Context) (groups []ecwid.CustomerGroup, requests int, err error) {
	defer recoverPanic(&err)
	job, err := j.prepared(needs{})
	if err != nil {
		return nil, 0, err
	}
	sender := job.newSender(nil, false)
	groups, err = sender.list(ctx, false)
	return groups, sender.gate.Stats().Requests, runError(err)
}

// list returns the store's groups, ordered by id. quick is [ecwid.ListOptions.Quick].
func (s *sender) list(ctx context.Context, quick bool) ([]ecwid.CustomerGroup, error) {
	var groups []ecwid.CustomerGroup
	for g, err := range s.job.Client.CustomerGroups(ctx, ecwid.ListOptions{Fetch: s.page, Quick: quick}) {
		if err != nil {
			return nil, listingError(err)
		}
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b ecwid.CustomerGroup) int { return cmp.Compare(a.ID, b.ID) })
	return groups, nil
}

// page returns one page of the list.
func (s *sender) page(ctx context.Context, offset int) (page ecwid.CustomerGroupPage, err error) {
	step, err := s.requestUntilDone(ctx, &tries{}, func(ctx context.Context) (err error) {
		page, err = s.job.Client.CustomerGroupPage(ctx, offset)
		if errors.Is(err, ecwid.ErrForbidden) {
			err = &ScopeError{"read_customers", err}
		}
		return err
	})
	if step == stepFailed && classify(err) == rejected {
		return page, &StoppedError{err}
	}
	return page, err
}

// listingError returns the error of a run that could not list the groups.
func listingError(err error) error {
	_, stopped := errors.AsType[*StoppedError](err)
	_, interrupted := errors.AsType[*InterruptedError](err)
	_, outage := errors.AsType[*quota.OutageError](err)
	if stopped || interrupted || outage || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &InterruptedError{fmt.Errorf("the store's groups cannot be listed: %w", err)}
}

// profileTimeout is how long a run waits for the profile, which it can do without.
const profileTimeout = 5 * time.Second

// readProfile reads the store's profile with one request, and passes it to the hook. It does nothing if the hook is not
// set, and ignores a failure: a run can do without the profile.
func (s *sender) readProfile(ctx context.Context) {
	if s.job.Hooks.Profile == nil {
		return
	}
	attempt, err := s.gate.Enter(ctx)
	if err != nil {
		return // the next request returns the same error
	}
	limited, cancel := context.WithTimeout(ctx, min(s.job.Timeout, profileTimeout))
	defer cancel()
	profile, err := s.job.Client.Profile(limited)
	switch classify(err) {
	case succeeded:
		attempt.Responded()
		s.job.Hooks.Profile(profile)
	case rateLimited:
		attempt.RateLimited(retryAfter(err, quota.DefaultPause))
	case unknown: // one such request does not indicate an outage
		attempt.Abandoned()
	default:
		attempt.Responded()
	}
}
