package sync

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"
)

// A run that lists the groups reads the profile with one request, and continues whatever the result is.
func TestProfile(t *testing.T) {
	for name, c := range map[string]struct {
		fault   ecwidtest.Fault
		want    string
		atLeast time.Duration
	}{
		"read":           {ecwidtest.Fault{}, "Anna's Teeladen", 0},
		"forbidden":      {ecwidtest.Status(403, "INSUFFICIENT_APP_SCOPE", ""), "", 0},
		"not found":      {ecwidtest.Status(404, "PROFILE_NOT_FOUND", ""), "", 0},
		"internal error": {ecwidtest.Status(500, "", ""), "", 0},
		"a web page":     {ecwidtest.HTML(200), "", 0},
		"a reset":        {ecwidtest.Reset(), "", 0},
		"no response":    {ecwidtest.Stall(), "", profileTimeout},
		"rate limited":   {ecwidtest.RateLimited("7"), "", 7 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, rows(20), ecwidtest.Options{
					StoreName: "Anna's Teeladen", AnyGroup: true,
					Groups: []ecwidtest.Group{{ID: 1, Name: "One"}, {ID: 2, Name: "Two"}},
					Fault: func(r ecwidtest.Request) ecwidtest.Fault {
						if strings.HasSuffix(r.Path, "/profile") {
							return c.fault
						}
						return ecwidtest.Fault{}
					},
				})
				tr.input = "groupId,name\n1,new 1\n2,new 2\n"
				got := ""
				sum, err := tr.run(tr.listing(func(j *Job) {
					j.Hooks.Profile = func(p ecwid.Profile) { got = p.StoreName }
				})...)
				if err != nil || sum.Rows[journal.Updated] != 2 || got != c.want {
					t.Errorf("got the name %q, %+v, %v", got, sum.Rows, err)
				}
				if sum.Elapsed < c.atLeast || sum.Elapsed > c.atLeast+3*time.Second {
					t.Errorf("the run took %v, want %v", sum.Elapsed, c.atLeast)
				}
				if n := tr.profileRequests(); n != 1 {
					t.Errorf("%d requests for the profile", n)
				}
			})
		})
	}
}

// The profile is not read by a run that does not list the groups, or if the token is refused.
func TestProfileIsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		profile := func(j *Job) { j.Hooks.Profile = func(ecwid.Profile) {} }
		tr := newTrial(t, rows(2), ecwidtest.Options{Groups: storeOf(2)})
		if _, err := tr.run(profile); err != nil {
			t.Fatal(err)
		}
		tr.server.RevokeToken()
		before := len(tr.server.Requests())
		if _, err := tr.run(tr.listing(profile, func(j *Job) { j.Results.Path += ".2" })...); err == nil {
			t.Error("the revoked token was accepted")
		}
		if n := len(tr.server.Requests()) - before; n != 1 || tr.profileRequests() != 0 {
			t.Errorf("%d requests were sent with the revoked token, %d of them for the profile", n, tr.profileRequests())
		}
	})
}

// profileRequests returns the number of requests for the profile.
func (tr *trial) profileRequests() (n int) {
	for _, r := range tr.server.Requests() {
		if strings.HasSuffix(r.Path, "/profile") {
			n++
		}
	}
	return n
}
