package sync

import (
	"context"
	"time"

	"groupsync/sync/quota"
)

// profileTimeout bounds the wait for the profile: nothing depends on it.
const profileTimeout = 5 * time.Second

// readProfile reads the store's profile with one request if the caller wants to know it. A run continues without it.
func (j *Job) readProfile(ctx context.Context, s *sender) {
	if j.Hooks.Profile == nil {
		return
	}
	attempt, err := s.gate.Enter(ctx)
	if err != nil {
		return // the next request gets the same error
	}
	limited, cancel := context.WithTimeout(ctx, min(j.Timeout, profileTimeout))
	defer cancel()
	profile, err := j.Client.Profile(limited)
	switch classify(err) {
	case succeeded:
		attempt.Responded()
		j.Hooks.Profile(profile)
	case rateLimited:
		attempt.RateLimited(retryAfter(err, quota.DefaultPause))
	case unknown: // one request says nothing about an outage
		attempt.Abandoned()
	default:
		attempt.Responded()
	}
}
