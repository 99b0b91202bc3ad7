package main

import (
	"errors"
	"fmt"
	"time"

	"groupsync/sync/quota"
)

// paceFlags set the rate of requests, and the limits on retries.
type paceFlags struct {
	Rate        string        `group:"Rate and retries" env:"GROUPSYNC_RATE" default:"600/m" help:"Maximum number of requests per s, m or h, in any window of that length (${default})."`
	Timeout     time.Duration `group:"Rate and retries" default:"30s" placeholder:"TIME" help:"Time limit for one attempt (${default})."`
	MaxAttempts int           `group:"Rate and retries" default:"5" placeholder:"N" help:"Attempts per row, or per page of the list of groups, if the store responds with a server error (${default})."`
	MaxOutage   time.Duration `group:"Rate and retries" env:"GROUPSYNC_MAX_OUTAGE" default:"15m" placeholder:"TIME" help:"How long to wait for a store that does not respond (${default}). If it was never reached, the limit is --timeout."`
}

// pace returns the rate, and an error for each wrong value of these flags.
func (f *paceFlags) pace() (quota.Rate, error) {
	rate, err := quota.ParseRate(f.Rate)
	errs := []error{err}
	if f.MaxAttempts < 1 {
		errs = append(errs, fmt.Errorf("--max-attempts is %d: it must be at least 1", f.MaxAttempts))
	}
	if f.Timeout <= 0 {
		errs = append(errs, fmt.Errorf("--timeout is %v: it must be greater than 0", f.Timeout))
	}
	if f.MaxOutage < 0 {
		errs = append(errs, fmt.Errorf("--max-outage is %v: it must not be negative", f.MaxOutage))
	}
	return rate, errors.Join(errs...)
}

// maxOutage returns the limit for a Job, for which 0 would mean its default.
func (f *paceFlags) maxOutage() time.Duration { return max(f.MaxOutage, 1) }
