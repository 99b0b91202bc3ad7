package sync

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"
)

// failingDisk is the real disk, except that one operation, the nth of a kind, fails.
type failingDisk struct {
	journal.OS
	kind string
	n    int
	half bool // the failing write writes half of its data

	mu    sync.Mutex
	count int
}

var errDisk = errors.New("injected failure")

func (d *failingDisk) fail(operation string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if operation != d.kind {
		return nil
	}
	if d.count++; d.count == d.n {
		return fmt.Errorf("%s: %w", operation, errDisk)
	}
	return nil
}

func (d *failingDisk) Open(path string, flag int) (journal.File, error) {
	if err := d.fail("open"); err != nil {
		return nil, err
	}
	f, err := d.OS.Open(path, flag)
	return &failingFile{f, d}, err
}

func (d *failingDisk) Lock(path string) (func() error, error) {
	if err := d.fail("lock"); err != nil {
		return nil, err
	}
	unlock, err := d.OS.Lock(path)
	return func() error { return errors.Join(unlock(), d.fail("unlock")) }, err
}

func (d *failingDisk) Rename(from, to string) error {
	if err := d.fail("rename"); err != nil {
		return err
	}
	return d.OS.Rename(from, to)
}

func (d *failingDisk) Link(from, to string) error {
	if err := d.fail("link"); err != nil {
		return err
	}
	return d.OS.Link(from, to)
}

func (d *failingDisk) Remove(path string) error {
	if err := d.fail("remove"); err != nil {
		return err
	}
	return d.OS.Remove(path)
}

type failingFile struct {
	journal.File
	disk *failingDisk
}

func (f *failingFile) Read(p []byte) (int, error) {
	if err := f.disk.fail("read"); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f *failingFile) Write(p []byte) (int, error) {
	if err := f.disk.fail("write"); err != nil {
		if f.disk.half {
			n, _ := f.File.Write(p[:len(p)/2])
			return n, err
		}
		return 0, err
	}
	return f.File.Write(p)
}

func (f *failingFile) Seek(offset int64, whence int) (int64, error) {
	if err := f.disk.fail("seek"); err != nil {
		return 0, err
	}
	return f.File.Seek(offset, whence)
}

func (f *failingFile) Sync() error {
	if err := f.disk.fail("sync"); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f *failingFile) Truncate(size int64) error {
	if err := f.disk.fail("truncate"); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

func (f *failingFile) Close() error {
	return errors.Join(f.File.Close(), f.disk.fail("close"))
}

// Each operation on the journal fails once, in a first run and in a run that continues one.
func TestEachOperationOnTheJournalFailsOnce(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"open", "write", "sync", "close", "truncate", "lock", "unlock", "read", "seek"} {
		t.Run(kind, func(t *testing.T) {
			failed := 0
			for _, resumed := range []bool{false, true} {
				for _, half := range []bool{false, kind == "write"} {
					for n := 1; failOnce(t, resumed, &failingDisk{kind: kind, n: n, half: half}); n++ {
						failed++
					}
				}
			}
			if failed == 0 {
				t.Error("the operation never failed")
			}
		})
	}
}

// failOnce runs a job on a failing disk, and continues it on a working one. It reports whether the operation was reached.
func failOnce(t *testing.T, resumed bool, disk *failingDisk) bool {
	tr := newTrial(t, rows(50), ecwidtest.Options{AnyGroup: true})
	defer tr.server.Close()
	if resumed {
		if _, err := tr.run(fast, func(j *Job) { j.Limit = 20 }); err == nil {
			t.Fatal("the limit was not reached")
		}
		appendTo(t, tr.path, "22,21,na") // a record that a crash has torn
	}
	_, err := tr.run(fast, func(j *Job) { j.disk = disk })
	if disk.count < disk.n {
		return false
	}
	if _, ok := errors.AsType[*PanicError](err); err == nil || ok {
		t.Errorf("operation %d: got %v", disk.n, err)
	}
	if _, err := tr.run(fast); err != nil {
		t.Errorf("operation %d: the next run: %v", disk.n, err)
	}
	tr.wantAll(50, journal.Updated)
	if sent := len(tr.server.Requests()); sent > 100 {
		t.Errorf("operation %d: %d requests", disk.n, sent)
	}
	return true
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
