package sync

import (
	"strings"
	"testing"
	"time"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
	"groupsync/sync/quota"
)

// The zero value of an optional field means its default.
func TestDefaults(t *testing.T) {
	tr := newTrial(t, rows(20), ecwidtest.Options{AnyGroup: true})
	full := tr.job(t.Context())
	job := &Job{Input: full.Input, Client: full.Client, Results: full.Results}
	if summary, err := job.Run(t.Context()); err != nil || summary.Rows[journal.Updated] != 20 {
		t.Fatalf("got %+v, %v", summary, err)
	}
	if job.Concurrency != 0 || job.Rate != (quota.Rate{}) {
		t.Errorf("Run changed the job: %+v", job)
	}
	prepared, err := job.prepared(needs{})
	if err != nil {
		t.Fatal(err)
	}
	if prepared.Rate.String() != "600/m" || prepared.Concurrency != 10 || prepared.Timeout != 30*time.Second || prepared.MaxAttempts != 5 || prepared.MaxOutage != 15*time.Minute {
		t.Errorf("the defaults are %+v", prepared)
	}
}

// The error of a job that cannot run names everything that is wrong with it, and nothing is sent.
func TestValidate(t *testing.T) {
	tr := newTrial(t, rows(1), ecwidtest.Options{AnyGroup: true})
	for name, c := range map[string]struct {
		job  Job
		want []string
	}{
		"everything is missing": {Job{}, []string{"Client is missing", "Input is missing", "Results has neither"}},
		"every number is negative": {
			Job{Rate: quota.Rate{Requests: -1}, Concurrency: -1, Timeout: -1, MaxAttempts: -1, MaxFailures: -1, MaxOutage: -1, Limit: -1},
			[]string{"Rate is -1 requests", "Concurrency is -1", "Timeout is -1ns", "MaxAttempts is -1", "MaxFailures is -1", "MaxOutage is -1ns", "Limit is -1"},
		},
		"half a rate":          {Job{Rate: quota.Rate{Requests: 600}}, []string{"Rate is 600 requests in 0s"}},
		"too many workers":     {Job{Concurrency: MaxConcurrency + 1}, []string{"Concurrency is 1001"}},
		"input read only once": {Job{Input: tr.job(t.Context()).Input, MaxChanges: plan.Limit{Set: true}}, []string{"an Input that can be read twice"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.job.Run(t.Context())
			if err == nil {
				t.Fatal("the job ran")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %q, want it to contain %q", err, want)
				}
			}
		})
	}
	if n := len(tr.server.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}
