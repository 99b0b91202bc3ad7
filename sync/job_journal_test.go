package sync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"
	"groupsync/sync/quota"
)

func fast(j *Job) { j.Rate = quota.Rate{Requests: 1_000_000, Window: time.Second} }

// failing is the real disk, except that the nth operation of a kind fails.
type failing struct {
	journal.OS
	kind string
	n    int
	half bool // the write that fails has written half of its data

	mu    sync.Mutex
	count int
}

var errDisk = errors.New("made to fail")

func (d *failing) fail(operation string) error {
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

func (d *failing) Open(path string, flag int) (journal.File, error) {
	if err := d.fail("open"); err != nil {
		return nil, err
	}
	f, err := d.OS.Open(path, flag)
	return &failingFile{f, d}, err
}

func (d *failing) Lock(path string) (func() error, error) {
	if err := d.fail("lock"); err != nil {
		return nil, err
	}
	unlock, err := d.OS.Lock(path)
	return func() error { return errors.Join(unlock(), d.fail("unlock")) }, err
}

type failingFile struct {
	journal.File
	disk *failing
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

// Each operation on the journal fails once, in a first run and in a run that continues.
func TestEachOperationOnTheJournalFailsOnce(t *testing.T) {
	for _, kind := range []string{"open", "write", "sync", "close", "truncate", "lock", "unlock", "read", "seek"} {
		t.Run(kind, func(t *testing.T) {
			failed := 0
			for _, resumed := range []bool{false, true} {
				for _, half := range []bool{false, kind == "write"} {
					for n := 1; failOnce(t, resumed, &failing{kind: kind, n: n, half: half}); n++ {
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

// failOnce makes a run on a failing disk and continues it. It reports whether the operation was reached.
func failOnce(t *testing.T, resumed bool, disk *failing) bool {
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
		t.Errorf("operation %d: the run that continues: %v", disk.n, err)
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
func TestResultsGone(t *testing.T) {
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

// quoted returns a CSV text with quotes around each cell, as some programs write it.
func quoted(csv string) string {
	lines := strings.Split(strings.TrimSuffix(csv, "\n"), "\n")
	for i, line := range lines {
		lines[i] = `"` + strings.ReplaceAll(line, ",", `","`) + "\"\n"
	}
	return strings.Join(lines, "")
}

// A journal may hold anything when a run continues from it.
func TestResume(t *testing.T) {
	const head = "line,groupId,name,externalReferenceId,status,updateCount,httpStatus,attempts,error,storeId\n"
	record := func(i int) string { return fmt.Sprintf("%d,%d,name %d,erp-%d,updated,1,200,1,,1003\n", i+1, i, i, i) }
	for _, c := range []struct {
		name    string
		journal string
		refused string // part of the error; "": the run continues
		sent    int    // the requests of a run of five rows
	}{
		{"an empty file", "", "", 5},
		{"a torn header", head[:20], "", 5},
		{"a header", head, "", 5},
		{"two rows", head + record(1) + record(2), "", 3},
		{"all rows", head + record(1) + record(2) + record(3) + record(4) + record(5), "", 0},
		{"a torn record", head + record(1) + record(2)[:9], "", 4},
		{"a record without its line end is torn", head + record(1) + strings.TrimSuffix(record(2), "\n"), "", 4},
		{"a record torn inside its quotes", head + record(1) + "3,2,\"na\nme", "", 4},
		{"a torn record after all rows", head + record(1) + record(2) + record(3) + record(4) + record(5) + "7,", "", 0},
		{"a row that a stop has left unsettled", head + record(1) + record(3) + record(4), "", 2},
		{"the first row is unsettled", head + record(5), "", 4},
		{"saved with other line endings", strings.ReplaceAll(head+record(1), "\n", "\r\n"), "", 4},
		{"saved with quotes around all cells", quoted(head + record(1) + record(2)), "", 3},
		{"saved with semicolons and quotes around all cells", strings.ReplaceAll(quoted(head+record(1)), ",", ";"), "", 4},
		{"a torn header with quotes", strings.TrimSuffix(quoted(head), "\n"), "", 5},
		{"another CSV file", "groupId,name\n1,x\n", "not a results file", 0},
		{"a text", "hello", "not a results file", 0},
		{"another store", head + strings.Replace(record(1), ",1003\n", ",42\n", 1), `line 2: these are the results of store "42"`, 0},
		{"the sandbox", head + strings.Replace(record(1), ",1003\n", ",sandbox\n", 1), `results of store "sandbox"`, 0},
		{"another name", head + record(1) + strings.Replace(record(2), "name 2", "name two", 1), "line 3: the record does not match line 3", 0},
		{"a line after the end of the input", head + "9,9,name 9,erp-9,updated,1,200,1,,1003\n", "the input ends before that", 0},
		{"a line between the rows", head + record(1) + "2,2,name 2,erp-2,updated,1,200,1,,1003\n", "line 3", 0},
		{"a record twice", head + record(1) + record(1), "line 3", 0},
		{"an unknown status", head + strings.Replace(record(1), "updated", "done", 1), "not a record that groupsync wrote", 0},
		{"a broken record in the middle", head + record(1) + "3,2,\"na\"me\n" + record(3), "line 3: this is not a record", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := newTrial(t, rows(5), ecwidtest.Options{AnyGroup: true})
			if err := os.WriteFile(tr.path, []byte(c.journal), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := tr.run(fast)
			if n := len(tr.server.Requests()); n != c.sent {
				t.Errorf("%d requests, want %d", n, c.sent)
			}
			if c.refused == "" {
				if err != nil {
					t.Fatal(err)
				}
				if !strings.ContainsAny(c.journal, "\r\"") {
					tr.wantAll(5, journal.Updated)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.refused) || !strings.Contains(err.Error(), tr.path) {
				t.Errorf("got %v, want %q", err, c.refused)
			}
			if data, _ := os.ReadFile(tr.path); string(data) != c.journal {
				t.Errorf("what was refused was changed, to %q", data)
			}
			if _, err := os.Stat(tr.path + ".lock"); !os.IsNotExist(err) {
				t.Errorf("the lock was left behind: %v", err)
			}
		})
	}
}

// The journal echoes cells that a CSV file can hold, also of rows that cannot be sent.
func TestResumeEchoesHostileCells(t *testing.T) {
	input := "groupId,name,externalReferenceId\n" +
		"1,\"a\r\nb\",\n2,\"a\rb\",\n3,\"a\r\r\nb\",\n4,\"\n\n\",x\n\"5\",\"\"\"\",\n6, blank , x \n7,\x00,\n8,\xff\xfe,\n9,\\.,\n" +
		"10,\"never closed,\n11,a\"b,c\n12,=1+1,@x\n13,\ufeffmark,\n,,\n,x,\n14,ok,ok\n"
	for limit := 1; limit < 16; limit++ {
		tr := newTrial(t, input, ecwidtest.Options{AnyGroup: true})
		for range 20 {
			if _, err := tr.run(fast, func(j *Job) { j.Limit = limit }); err == nil {
				break
			} else if _, ok := errors.AsType[*InterruptedError](err); !ok {
				t.Fatalf("limit %d: %v", limit, err)
			}
		}
		summary, err := tr.run(fast)
		if err != nil || summary.CompleteSince.IsZero() || summary.Total() != 15 {
			t.Fatalf("limit %d: %+v, %v", limit, summary, err)
		}
	}
}

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
	// the lock file of a killed run locks nothing
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

// A file at the path of the lock that is not one stays as it is, also if it takes the place of the lock during the run.
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
			t.Errorf("it holds %q, %v", data, err)
		}
	})
}

// A run that waits for another begins when that one ends, and waits no longer than it may.
func TestLockWait(t *testing.T) {
	for _, c := range []struct {
		what    string
		another time.Duration // how long it runs
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

// Whatever bytes a journal holds, there is no panic, and no whole record is lost, repeated or altered.
func FuzzResume(f *testing.F) {
	const head = "line,groupId,name,externalReferenceId,status,updateCount,httpStatus,attempts,error,storeId\n"
	f.Add([]byte(head + "2,1,name 1,erp-1,updated,1,200,1,,1003\n4,3,name 3,erp-3,failed,,404,1,gone,1003\n5,4,na"))
	f.Add([]byte(head + "2,1,name 1,erp-1,updated,1,200,1,\"a\nb\",1003\n3,2,\"name 2"))
	f.Add([]byte(head[:30]))
	f.Add([]byte("\xff\xfe\x00"))
	server := ecwidtest.NewMemoryServer(ecwidtest.Options{AnyGroup: true, Discard: true})
	f.Cleanup(server.Close)
	f.Fuzz(func(t *testing.T, data []byte) {
		tr := &trial{t: t, server: server, input: rows(5), path: filepath.Join(t.TempDir(), "results.csv")}
		if err := os.WriteFile(tr.path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := tr.run(fast)
		after, readErr := os.ReadFile(tr.path)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if _, ok := errors.AsType[*PanicError](err); ok {
			t.Fatal(err)
		}
		if err != nil {
			if !bytes.Equal(after, data) {
				t.Fatalf("%q was refused (%v) and changed, to %q", data, err, after)
			}
			return
		}
		// Every whole record stays as it is, in its order, and every row has one record.
		before, now := recordsOf(t, data), recordsOf(t, after)
		for i, r := range now {
			if want := fmt.Sprint(i + 2); r.Line != want {
				t.Fatalf("%q became %q: record %d is of line %s", data, after, i+1, r.Line)
			}
			if len(before) > 0 && before[0] == r {
				before = before[1:]
			}
		}
		if len(now) != 5 || len(before) != 0 {
			t.Fatalf("%q became %q: %d records, %d of the old ones lost", data, after, len(now), len(before))
		}
	})
}

// recordsOf returns the complete records of a results file.
func recordsOf(t *testing.T, results []byte) (all []journal.Record) {
	t.Helper()
	for r, err := range journal.Records(bytes.NewReader(results)) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}
