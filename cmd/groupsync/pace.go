package main

import (
	"errors"
	"fmt"
	"time"

	"groupsync/sync/quota"
)

// paceFlags say how fast the store is asked, and how patiently.
type paceFlags struct {
	Rate        string        `group:"Pace and patience" env:"GROUPSYNC_RATE" default:"600/m" help:"Requests per s, m or h; never exceeded in any such window (${default})."`
	Timeout     time.Duration `group:"Pace and patience" default:"30s" placeholder:"TIME" help:"How long one attempt may take (${default})."`
	MaxAttempts int           `group:"Pace and patience" default:"5" placeholder:"N" help:"Tries per row when the store answers with an error of its own (${default})."`
	MaxOutage   time.Duration `group:"Pace and patience" env:"GROUPSYNC_MAX_OUTAGE" default:"15m" placeholder:"TIME" help:"How long to wait for a store that does not answer at all (${default})."`
}

// pace gives the rate, or all that is wrong with the flags.
func (f *paceFlags) pace() (quota.Rate, error) {
	rate, err := quota.ParseRate(f.Rate)
	errs := []error{err}
	if f.MaxAttempts < 1 {
		errs = append(errs, fmt.Errorf("--max-attempts %d is not at least 1", f.MaxAttempts))
	}
	if f.Timeout <= 0 {
		errs = append(errs, fmt.Errorf("--timeout %v is not a time to wait", f.Timeout))
	}
	if f.MaxOutage < 0 {
		errs = append(errs, fmt.Errorf("--max-outage %v is less than 0", f.MaxOutage))
	}
	return rate, errors.Join(errs...)
}
