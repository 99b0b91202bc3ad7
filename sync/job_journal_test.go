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

// Once a write has failed, no further request leaves.
func TestNoRequestAfterAFailedWrite(t *testing.T) {
	tr := newTrial(t, rows(3000), ecwidtest.Options{AnyGroup: true})
	out := &fullPipe{room: 10_000, server: tr.server}
	_, err := tr.run(fast, func(j *Job) { j.Results = journal.Results{Stdout: out, StoreID: "1003"} })
	if _, ok := errors.AsType[*InterruptedError](err); !ok || !errors.Is(err, io.ErrClosedPipe) {
		t.Fatalf("got %v", err)
	}
	if after := len(tr.server.Requests()) - out.seen; after > 2*10 {
		t.Errorf("%d requests left after the failed write, with 10 workers", after)
	}
}

// A run whose results are moved, removed or replaced ends within a second.
func TestResultsMovedDuringTheRun(t *testing.T) {
	for name, lose := range map[string]func(path string) error{
		"moved":   func(path string) error { return os.Rename(path, path+".old") },
		"removed": os.Remove,
		"replaced": func(path string) error {
			return errors.Join(os.WriteFile(path+".new", nil, 0o644), os.Rename(path+".new", path))
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			tr := newTrial(t, rows(3000), ecwidtest.Options{AnyGroup: true})
			tenth := 0
			_, err := tr.run(func(j *Job) {
				j.Hooks.Settled = func(o Outcome) {
					if o.Line == 11 {
						tenth = len(tr.server.Requests())
						if err := lose(tr.path); err != nil {
							t.Error(err)
						}
					}
				}
			})
			if _, ok := errors.AsType[*InterruptedError](err); !ok || !strings.Contains(err.Error(), "moved, removed or replaced") {
				t.Errorf("%s: got %v", name, err)
			}
			if after := len(tr.server.Requests()) - tenth; after > 2*10 { // those of a second, and those in flight
				t.Errorf("%s: %d requests left after that", name, after)
			}
		})
	}
}

// fullPipe accepts a number of bytes, and then records how many requests there were.
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
	there := filepath.Join(dir, "there.csv")
	if err := os.WriteFile(there, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, words := range map[string]string{
		there:                         "already exists",
		dir:                           "is a folder",
		filepath.Join(dir, "no", "x"): "the folder does not exist",
	} {
		tr := newTrial(t, rows(5), ecwidtest.Options{AnyGroup: true})
		_, err := tr.run(func(j *Job) { j.Results = journal.Results{Path: path, StoreID: "1003"} })
		if err == nil || !strings.Contains(err.Error(), words) || len(tr.server.Requests()) != 0 {
			t.Errorf("%s: got %v, want %q", path, err, words)
		}
	}
	if data, _ := os.ReadFile(there); string(data) != "mine" {
		t.Errorf("it was changed, to %q", data)
	}
}
