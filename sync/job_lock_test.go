package sync

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"
)

func TestLock(t *testing.T) {
	tr := newTrial(t, rows(5), ecwidtest.Options{AnyGroup: true})
	unlock, err := journal.OS{}.Lock(tr.path + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	_, err = tr.run(fast)
	if locked, ok := errors.AsType[*journal.LockedError](err); !ok || locked.Path != tr.path {
		t.Errorf("got %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.run(fast); err != nil {
		t.Error(err)
	}
	// The lock file that a killed run leaves does not lock anything.
	if err := os.WriteFile(tr.path+".lock", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.run(fast); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(tr.path + ".lock"); !os.IsNotExist(err) {
		t.Errorf("the lock was left behind: %v", err)
	}
}

// A file at the path of the lock that is not a lock is left unchanged, even if it replaces the lock during the run.
func TestForeignLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(5), ecwidtest.Options{AnyGroup: true})
		foreign := tr.path + ".lock"
		write := func() {
			if err := os.WriteFile(foreign, []byte("mine"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		write()
		if _, err := tr.run(); err == nil || !strings.Contains(err.Error(), foreign+", but that file exists and is not a lock") {
			t.Errorf("got %v", err)
		}
		if n := len(tr.server.Requests()); n > 0 {
			t.Errorf("%d requests were sent", n)
		}
		if err := os.Remove(foreign); err != nil {
			t.Fatal(err)
		}
		if _, err := tr.run(func(j *Job) { j.Hooks.Begun = func(map[journal.Status]int) { write() } }); err != nil {
			t.Error(err)
		}
		if data, err := os.ReadFile(foreign); string(data) != "mine" {
			t.Errorf("the file contains %q, %v", data, err)
		}
	})
}

// A run that waits for another run begins when that one ends, and waits no longer than LockWait.
func TestLockWait(t *testing.T) {
	for _, c := range []struct {
		what    string
		another time.Duration // how long the other run lasts
		wait    time.Duration
		stopped time.Duration // when a signal arrives; 0: never
		ended   time.Duration // when the wait is over
		err     any
	}{
		{"the other run ends", 89500 * time.Millisecond, 10 * time.Minute, 0, 90 * time.Second, nil},
		{"the other run does not end", time.Hour, 10 * time.Minute, 0, 10 * time.Minute, new(*journal.LockedError)},
		{"a wait of less than a second", 500 * time.Millisecond, 700 * time.Millisecond, 0, 700 * time.Millisecond, nil},
		{"a signal", time.Hour, 10 * time.Minute, 5 * time.Minute, 5 * time.Minute, new(*InterruptedError)},
	} {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, rows(1), ecwidtest.Options{AnyGroup: true})
				unlock, err := journal.OS{}.Lock(tr.path + ".lock")
				if err != nil {
					t.Fatal(err)
				}
				ended := make(chan error)
				go func() {
					time.Sleep(c.another)
					ended <- unlock()
				}()
				ctx := t.Context()
				if c.stopped > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.stopped)
					defer cancel()
				}
				began, warned := time.Now(), 0
				_, err = tr.job(ctx, func(j *Job) {
					j.Results.LockWait = c.wait
					j.Hooks.Warn = func(error) { warned++ }
				}).Run(ctx)
				if c.err == nil && err != nil || c.err != nil && !errors.As(err, c.err) {
					t.Errorf("got %v", err)
				}
				if took := time.Since(began); took.Truncate(time.Second/10) != c.ended {
					t.Errorf("it took %v, want %v", took, c.ended)
				}
				if warned != 1 {
					t.Errorf("%d warnings say that the run waits", warned)
				}
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
