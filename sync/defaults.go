package sync

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"groupsync/ecwid"
	"groupsync/sync/quota"
)

// The defaults of a [Job].
const (
	// DefaultRequests is the number of requests that Ecwid allows per DefaultWindow.
	DefaultRequests    = 600
	DefaultWindow      = time.Minute
	DefaultConcurrency = ecwid.MaxConnections
	DefaultTimeout     = 30 * time.Second
	DefaultMaxAttempts = 5
	DefaultMaxOutage   = 15 * time.Minute
)

// MaxConcurrency is the maximum number of workers: a window of rows would not keep more of them busy.
const MaxConcurrency = window

// needs tells which fields a method of [Job] requires besides Client.
type needs struct{ input, results bool }

// prepared returns a copy of the job in which fields that are zero have their defaults. Its error joins everything
// that is wrong with the job.
func (j *Job) prepared(n needs) (*Job, error) {
	job := *j
	if job.Rate == (quota.Rate{}) {
		job.Rate = quota.Rate{Requests: DefaultRequests, Window: DefaultWindow}
	}
	job.Concurrency = cmp.Or(job.Concurrency, DefaultConcurrency)
	job.Timeout = cmp.Or(job.Timeout, DefaultTimeout)
	job.MaxAttempts = cmp.Or(job.MaxAttempts, DefaultMaxAttempts)
	job.MaxOutage = cmp.Or(job.MaxOutage, DefaultMaxOutage)
	job.SkipUnchanged = job.SkipUnchanged || job.Base != nil
	return &job, job.validate(n)
}

// validate returns an error that joins everything that is wrong with the job.
func (j *Job) validate(n needs) error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("sync.Job: "+format, args...))
		}
	}
	check(j.Client != nil, "Client is missing")
	check(j.Input != nil || !n.input, "Input is missing")
	check(j.Results.Path != "" || j.Results.Stdout != nil || !n.results, "Results has neither a Path nor Stdout")
	check(j.Rate.Requests > 0 && j.Rate.Window > 0, "Rate is %d requests in %v: both must be positive", j.Rate.Requests, j.Rate.Window)
	check(j.Concurrency > 0 && j.Concurrency <= MaxConcurrency, "Concurrency is %d: it must be from 1 to %d", j.Concurrency, MaxConcurrency)
	check(j.Timeout > 0, "Timeout is %v: it must not be negative", j.Timeout)
	check(j.MaxAttempts > 0, "MaxAttempts is %d: it must not be negative", j.MaxAttempts)
	check(j.MaxOutage > 0, "MaxOutage is %v: it must not be negative", j.MaxOutage)
	check(j.MaxFailures >= 0, "MaxFailures is %d: it must not be negative", j.MaxFailures)
	check(j.Limit >= 0, "Limit is %d: it must not be negative", j.Limit)
	twice := j.MaxChanges.Set || j.Expect != "" || j.Base != nil || j.Results.Retry
	check(!twice || j.Input == nil || j.Input.Repeatable(), "MaxChanges, Expect, Base and Retry need an Input that can be read twice")
	return errors.Join(errs...)
}
