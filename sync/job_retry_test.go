package sync

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Each operation of a retry fails once, in turn. No good record is lost at any moment, and the next retry completes it.
func TestEachOperationOfARetryFailsOnce(t *testing.T) {
	t.Parallel()
	first := newTrial(t, rows(20), ecwidtest.Options{AnyGroup: true})
	if _, err := first.run(fast); err != nil {
		t.Fatal(err)
	}
	results, err := os.ReadFile(first.path)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"open", "read", "write", "sync", "close", "truncate", "seek", "rename", "link", "remove"} {
		t.Run(kind, func(t *testing.T) {
			failed := 0
			for _, interrupted := range []bool{false, true} {
				for _, half := range []bool{false, kind == "write"} {
					for n := 1; failRetry(t, results, interrupted, &failingDisk{kind: kind, n: n, half: half}); n++ {
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

// failRetry retries the results of 20 rows on a failing disk, and then on a working one. It reports whether the operation
// was reached.
func failRetry(t *testing.T, results []byte, interrupted bool, disk *failingDisk) bool {
	tr := newTrial(t, rows(20), ecwidtest.Options{AnyGroup: true})
	defer tr.server.Close()
	if err := os.WriteFile(tr.path, results, 0o644); err != nil {
		t.Fatal(err)
	}
	tr.input = strings.NewReplacer("name 3,", "new 3,", "name 7,", "new 7,", "name 20,", "new 20,").Replace(tr.input)
	if interrupted {
		if _, err := tr.run(tr.retrying(func(j *Job) { j.Limit = 1 })...); !isInterrupted(err) {
			t.Fatal(err)
		}
	}
	_, err := tr.run(tr.retrying(func(j *Job) { j.disk = disk })...)
	if disk.count < disk.n {
		return false
	}
	if _, ok := errors.AsType[*PanicError](err); ok {
		t.Errorf("operation %d: got %v", disk.n, err)
	}
	if lost := tr.lostRecords(); len(lost) > 0 {
		t.Errorf("operation %d: %v: the records of the rows %v are lost", disk.n, err, lost)
	}
	if tr.isPreviousTooEarly() {
		t.Errorf("operation %d: %v: the old results were renamed before the new ones were complete", disk.n, err)
	}
	if _, err := tr.run(tr.retrying()...); err != nil {
		t.Errorf("operation %d: the next retry: %v", disk.n, err)
	}
	if got := strings.Count(strings.Join(tr.lines(), "\n"), ",updated,"); got != 20 || len(tr.lines()) != 20 {
		t.Errorf("operation %d: the results have %d good records of %d", disk.n, got, len(tr.lines()))
	}
	if sent := len(tr.server.Requests()); sent > 3+3 {
		t.Errorf("operation %d: %d requests", disk.n, sent)
	}
	left, err := os.ReadDir(strings.TrimSuffix(tr.path, "/results.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range left {
		if name := file.Name(); name != "results.csv" && name != "results.previous.csv" {
			t.Errorf("operation %d: %s was left", disk.n, name)
		}
	}
	return true
}

// lostRecords returns the rows whose good records are neither in the old results nor in the new ones. Rows 3, 7 and 20
// have no such record, because they are sent again.
func (tr *trial) lostRecords() (lost []int) {
	var all string
	for _, path := range []string{tr.path, (&journal.Results{Path: tr.path}).MergedPath()} {
		data, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			tr.t.Fatal(err)
		}
		all += string(data)
	}
	for i := range 20 {
		isSent := slices.Contains([]int{3, 7, 20}, i+1)
		if !isSent && !strings.Contains(all, fmt.Sprintf("\n%d,%d,name %d,erp-%d,updated,1,200,1,,1003\n", i+2, i+1, i+1, i+1)) {
			lost = append(lost, i+1)
		}
	}
	return lost
}

// isPreviousTooEarly reports whether the results are also linked as the previous ones, although no complete new results
// exist.
func (tr *trial) isPreviousTooEarly() bool {
	r := journal.Results{Path: tr.path}
	results, err := os.Stat(r.Path)
	if err != nil {
		tr.t.Fatal(err)
	}
	previous, err := os.Stat(r.PreviousPath())
	if err != nil {
		return false
	}
	_, err = os.Stat(r.MergedPath())
	return os.SameFile(results, previous) && os.IsNotExist(err)
}

// If another program has the results open, a retry is interrupted when its new results are complete. Once the file is
// closed, the next run replaces it with them, and sends nothing.
func TestRetryOfResultsInUse(t *testing.T) {
	tr := newTrial(t, rows(5), ecwidtest.Options{AnyGroup: true})
	if _, err := tr.run(fast); err != nil {
		t.Fatal(err)
	}
	tr.input = strings.Replace(tr.input, "name 3,", "new 3,", 1)
	_, err := tr.run(tr.retrying(func(j *Job) { j.disk = &inUse{path: tr.path} })...)
	if inUse, ok := errors.AsType[*journal.InUseError](err); !isInterrupted(err) || !ok || inUse.Path != tr.path {
		t.Fatalf("got %v", err)
	}
	sent := len(tr.puts())
	summary, err := tr.run(tr.retrying()...)
	if err != nil || summary.CompleteSince.IsZero() || summary.Rows[journal.Updated] != 5 || len(tr.puts()) != sent {
		t.Errorf("got %+v, %v, after %q", summary, err, tr.puts()[sent:])
	}
	// If the file cannot be opened at all, nothing is sent.
	_, err = tr.run(fast, func(j *Job) { j.disk = &inUse{path: tr.path, locked: true} })
	if _, ok := errors.AsType[*journal.InUseError](err); !ok || len(tr.puts()) != sent {
		t.Errorf("got %v", err)
	}
}

// inUse is the real disk, except that another program has a file open, like Excel on Windows. The file cannot be renamed.
type inUse struct {
	journal.OS
	path   string
	locked bool // the file cannot be opened either
}

func (d *inUse) Open(path string, flag int) (journal.File, error) {
	if d.locked && path == d.path {
		return nil, fmt.Errorf("open: %w", journal.ErrInUse)
	}
	return d.OS.Open(path, flag)
}

func (d *inUse) Rename(from, to string) error {
	if from == d.path || to == d.path {
		return fmt.Errorf("rename: %w", journal.ErrInUse)
	}
	return d.OS.Rename(from, to)
}

// If a file is edited again after its retry was interrupted, what the retry has settled is not sent again.
func TestRetryOfAFileEditedAgain(t *testing.T) {
	tr := newTrial(t, rows(50), ecwidtest.Options{AnyGroup: true})
	if _, err := tr.run(fast); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		tr.input = strings.Replace(tr.input, fmt.Sprintf("name %d,", 5*i+1), fmt.Sprintf("new %d,", 5*i+1), 1)
	}
	sent := len(tr.puts())
	if _, err := tr.run(tr.retrying(func(j *Job) { j.Limit = 7 })...); !isInterrupted(err) {
		t.Fatal(err)
	}
	if got := len(tr.puts()) - sent; got != 7 {
		t.Fatalf("%d rows were sent, want 7", got)
	}
	tr.input = strings.Replace(tr.input, "2,name 2,erp-2\n", "", 1) // the line of every later row changes
	tr.input = strings.Replace(tr.input, "new 6,", "newer 6,", 1)
	sent = len(tr.puts())
	if _, err := tr.run(tr.retrying()...); err != nil {
		t.Fatal(err)
	}
	if got := len(tr.puts()) - sent; got != 4 { // the row that was edited again, and the three that were left
		t.Errorf("%d rows were sent then, want 4: %q", got, tr.puts()[sent:])
	}
	if lines := tr.lines(); len(lines) != 49 || !strings.HasPrefix(lines[4], "6,6,newer 6,erp-6,updated") {
		t.Errorf("the results are %q", lines)
	}
}

// With random edits between the retries, the store ends as one run of the last version would leave it.
func TestRetryOfAFileEditedAtRandom(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		options := ecwidtest.Options{Fault: refuseNamePrefix}
		for id := range int32(5) {
			options.Groups = append(options.Groups, ecwidtest.Group{ID: id + 1, Name: "old"})
		}
		tr := newTrial(t, "", options)
		defer tr.server.Close()
		e := &edited{}
		for range rapid.IntRange(1, 12).Draw(rt, "rows") {
			e.rows = append(e.rows, e.draw(rt))
		}
		tr.input = e.file()
		if _, err := tr.run(fast); err != nil {
			rt.Fatal(err)
		}
		for _, limit := range rapid.SliceOfN(rapid.IntRange(1, 4), 1, 4).Draw(rt, "limits") {
			e.edit(rt)
			tr.input = e.file()
			if _, err := tr.run(tr.retrying(func(j *Job) { j.Limit = limit })...); err != nil && !isInterrupted(err) {
				rt.Fatal(err)
			}
		}
		options.Groups = tr.server.Groups()
		clean := newTrial(t, tr.input, options)
		defer clean.server.Close()
		if _, err := clean.run(fast); err != nil {
			rt.Fatal(err)
		}
		if _, err := tr.run(tr.retrying()...); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(clean.server.Groups(), tr.server.Groups()); diff != "" {
			rt.Fatalf("the store differs from that of a clean run: %s", diff)
		}
		if diff := cmp.Diff(withoutAttempts(clean.records()), withoutAttempts(tr.records())); diff != "" {
			rt.Fatalf("the results differ from those of a clean run: %s", diff)
		}
	})
}

// Results that a spreadsheet program has saved keep their records, with any delimiter, quotes and line ends.
func TestRetryOfResavedResults(t *testing.T) {
	for _, resave := range []func(string) string{
		func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		func(s string) string { return strings.ReplaceAll(s, ",", ";") },
		quoted,
	} {
		tr := newTrial(t, rows(5), ecwidtest.Options{AnyGroup: true})
		if _, err := tr.run(fast); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(tr.path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(tr.path, []byte(resave(string(data))), 0o644); err != nil {
			t.Fatal(err)
		}
		tr.input = strings.Replace(tr.input, "2,name 2,erp-2\n", "7,inserted,\n2,name 2,erp-2\n", 1)
		sent := len(tr.puts())
		if _, err := tr.run(tr.retrying()...); err != nil {
			t.Fatal(err)
		}
		if got := tr.puts()[sent:]; len(got) != 1 {
			t.Errorf("sent %q", got)
		}
		if data, err = os.ReadFile(tr.path); err != nil {
			t.Fatal(err)
		}
		for i, r := range recordsOf(t, data) {
			if r.Line != fmt.Sprint(i+2) || r.Status != journal.Updated {
				t.Errorf("record %d is %+v", i, r)
			}
		}
	}
}

// If groups are found by a key, records contain the groupId that was found, and rows are matched by their other cells.
func TestRetryByKey(t *testing.T) {
	tr := newTrial(t, "name,externalReferenceId\na,1\nb,2\nc,3\nno such,4\n", ecwidtest.Options{Groups: groupsNamed("a", "b", "c", "d")})
	tr.key = "name"
	if _, err := tr.run(fast, func(j *Job) { j.Input = tr.newInput(t.Context(), strings.NewReader(tr.input)) }); err != nil {
		t.Fatal(err)
	}
	tr.input = "name,externalReferenceId\na,1\nb,5\nc,3\nd,4\nb,6\n"
	sent := len(tr.puts())
	summary, err := tr.run(tr.retrying()...)
	if err != nil || !summary.Good() {
		t.Fatalf("got %+v, %v", summary, err)
	}
	want := map[string][]string{
		"2": {`2 {"name":"b","externalReferenceId":"5"}`, `2 {"name":"b","externalReferenceId":"6"}`},
		"4": {`4 {"name":"d","externalReferenceId":"4"}`},
	}
	if diff := cmp.Diff(want, perGroup(tr.puts()[sent:])); diff != "" {
		t.Errorf("the PUTs differ (-want +got):\n%s", diff)
	}
}

func groupsNamed(names ...string) (groups []ecwidtest.Group) {
	for i, name := range names {
		groups = append(groups, ecwidtest.Group{ID: int32(i + 1), Name: name})
	}
	return groups
}

// A run that replaces results, or finds that they were removed, removes the file that an interrupted retry has left.
func TestOtherRunsRemoveRetryFiles(t *testing.T) {
	for name, start := range map[string]func(*Job){
		"overwritten": func(j *Job) { j.Results.Resume, j.Results.Overwrite = false, true },
		"removed": func(j *Job) {
			if err := os.Remove(j.Results.Path); err != nil {
				t.Error(err)
			}
		},
	} {
		tr := newTrial(t, rows(5), ecwidtest.Options{AnyGroup: true})
		if _, err := tr.run(fast); err != nil {
			t.Fatal(err)
		}
		tr.input = strings.NewReplacer("name 2", "new 2", "name 3", "new 3").Replace(tr.input)
		if _, err := tr.run(tr.retrying(func(j *Job) { j.Limit = 1 })...); !isInterrupted(err) {
			t.Fatal(err)
		}
		tr.input = rows(5)
		if _, err := tr.run(fast, start); err != nil {
			t.Fatal(err)
		}
		tr.wantAll(5, journal.Updated)
		if path := (&journal.Results{Path: tr.path}).RetryPath(); exists(path) {
			t.Errorf("%s: %s was left", name, path)
		}
	}
}
