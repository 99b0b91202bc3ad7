package sync

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"
)

// Once a write has failed, no request leaves, except those that the workers are about to send.
func TestNoRequestAfterAFailedWrite(t *testing.T) {
	tr := newTrial(t, rows(3000), ecwidtest.Options{AnyGroup: true})
	out := &fullPipe{room: 10_000, server: tr.server}
	_, err := tr.run(fast, func(j *Job) { j.Results = journal.Results{Stdout: out, StoreID: "1003"} })
	if _, ok := errors.AsType[*InterruptedError](err); !ok || !errors.Is(err, io.ErrClosedPipe) {
		t.Fatalf("got %v", err)
	}
	if after := len(tr.server.Requests()) - out.seen; after > 2*10 {
		t.Errorf("%d requests were sent after the failed write, with 10 workers", after)
	}
}

// A run whose results are moved, removed or replaced ends within a second.
func TestResultsMovedDuringTheRun(t *testing.T) {
	for name, move := range map[string]func(path string) error{
		"moved":   func(path string) error { return os.Rename(path, path+".old") },
		"removed": os.Remove,
		"replaced": func(path string) error {
			return errors.Join(os.WriteFile(path+".new", nil, 0o644), os.Rename(path+".new", path))
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			tr := newTrial(t, rows(3000), ecwidtest.Options{AnyGroup: true})
			sent := 0 // requests before the results were moved
			_, err := tr.run(func(j *Job) {
				j.Hooks.Settled = func(o Outcome) {
					if o.Line == 11 {
						sent = len(tr.server.Requests())
						if err := move(tr.path); err != nil {
							t.Error(err)
						}
					}
				}
			})
			if _, ok := errors.AsType[*InterruptedError](err); !ok || !strings.Contains(err.Error(), "moved, removed or replaced") {
				t.Errorf("%s: got %v", name, err)
			}
			if after := len(tr.server.Requests()) - sent; after > 2*10 { // those of a second, and those in flight
				t.Errorf("%s: %d requests were sent after that", name, after)
			}
		})
	}
}

// fullPipe accepts a number of bytes. At the first write beyond that, it records the number of requests so far.
type fullPipe struct {
	room, seen int
	server     *ecwidtest.Server
}

func (p *fullPipe) Write(b []byte) (int, error) {
	if p.room -= len(b); p.room < 0 {
		p.seen = len(p.server.Requests())
		return 0, io.ErrClosedPipe
	}
	return len(b), nil
}

func TestResultsThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	existing := filepath.Join(dir, "existing.csv")
	if err := os.WriteFile(existing, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		existing:                      "already exists",
		dir:                           "is a folder",
		filepath.Join(dir, "no", "x"): "the folder does not exist",
	} {
		tr := newTrial(t, rows(5), ecwidtest.Options{AnyGroup: true})
		_, err := tr.run(func(j *Job) { j.Results = journal.Results{Path: path, StoreID: "1003"} })
		if err == nil || !strings.Contains(err.Error(), want) || len(tr.server.Requests()) != 0 {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
	}
	if data, _ := os.ReadFile(existing); string(data) != "mine" {
		t.Errorf("the existing file was changed to %q", data)
	}
}
