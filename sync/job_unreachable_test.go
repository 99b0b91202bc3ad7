package sync

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
)

// unreachableFor returns an option of a job whose store refuses connections for that long.
func (tr *trial) unreachableFor(d time.Duration) func(*Job) {
	began := time.Now()
	transport := tr.server.Client().Transport.(*http.Transport).Clone()
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if time.Since(began) < d {
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		}
		return dial(ctx, network, addr)
	}
	tr.t.Cleanup(transport.CloseIdleConnections)
	return func(job *Job) {
		token, _ := ecwid.NewToken(tr.server.Token())
		var err error
		job.Client, err = ecwid.New(ecwid.Config{Store: tr.server.Store(), Token: token, BaseURL: tr.server.URL, Transport: transport})
		if err != nil {
			tr.t.Fatal(err)
		}
	}
}

// A store that refuses connections from the start ends the run within the time of one attempt, without results. A
// store that becomes reachable within that time does not end the run.
func TestUnreachableAtTheStart(t *testing.T) {
	for _, c := range []struct {
		name        string
		unreachable time.Duration
		run         func(*trial, *Job) error
		ends        bool
	}{
		{"sync", time.Hour, func(tr *trial, j *Job) error { _, err := j.Run(tr.t.Context()); return err }, true},
		{"sync that lists the groups", time.Hour, func(tr *trial, j *Job) error {
			j.SkipUnchanged = true
			_, err := j.Run(tr.t.Context())
			return err
		}, true},
		{"plan", time.Hour, func(tr *trial, j *Job) error {
			_, err := j.Plan(tr.t.Context(), func(plan.Entry) error { return nil })
			return err
		}, true},
		{"pull", time.Hour, func(tr *trial, j *Job) error { _, _, err := j.Groups(tr.t.Context()); return err }, true},
		{"sync, for a moment", 5 * time.Second, func(tr *trial, j *Job) error { _, err := j.Run(tr.t.Context()); return err }, false},
		{"pull, for a moment", 5 * time.Second, func(tr *trial, j *Job) error { _, _, err := j.Groups(tr.t.Context()); return err }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, "groupId,name\n1,a\nx,invalid\n", ecwidtest.Options{AnyGroup: true})
				began := time.Now()
				err := c.run(tr, tr.job(t.Context(), tr.unreachableFor(c.unreachable)))
				if !c.ends {
					if err != nil {
						t.Error(err)
					}
					return
				}
				if _, ok := errors.AsType[*StoppedError](err); !ok || !errors.Is(err, ecwid.ErrUnreachable) ||
					!strings.Contains(err.Error(), "the store cannot be reached: ") {
					t.Errorf("got %v", err)
				}
				if took := time.Since(began); took > 30*time.Second {
					t.Errorf("the run took %v", took)
				}
				if left, _ := filepath.Glob(tr.path); left != nil {
					t.Errorf("the run left %v", left)
				}
			})
		})
	}
}

// A run that resumes waits for a store that does not accept connections, because it was reachable before.
func TestUnreachableAtResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(3), ecwidtest.Options{AnyGroup: true})
		if _, err := tr.run(func(j *Job) { j.Limit = 1 }); err == nil {
			t.Fatal("the limit did not end the run")
		}
		if _, err := tr.run(tr.unreachableFor(10 * time.Minute)); err != nil {
			t.Error(err)
		}
		tr.wantAll(3, journal.Updated)
	})
}

// If a store becomes unreachable later, the results of the rows before that are kept.
func TestUnreachableLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(2000), ecwidtest.Options{AnyGroup: true})
		transport := tr.server.Client().Transport.(*http.Transport).Clone()
		dial := transport.DialContext
		unreachable := time.Now().Add(30 * time.Second)
		transport.DisableKeepAlives = true
		transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if time.Now().After(unreachable) {
				return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
			}
			return dial(ctx, network, addr)
		}
		token, _ := ecwid.NewToken(tr.server.Token())
		other, err := ecwid.New(ecwid.Config{Store: tr.server.Store(), Token: token, BaseURL: tr.server.URL, Transport: transport})
		if err != nil {
			t.Fatal(err)
		}
		summary, err := tr.run(func(j *Job) { j.Client = other })
		if _, ok := errors.AsType[*InterruptedError](err); !ok || summary.Elapsed < 15*time.Minute {
			t.Fatalf("after %v: got %v", summary.Elapsed, err)
		}
		tr.wantAll(summary.Rows[journal.Updated], journal.Updated)
	})
}
