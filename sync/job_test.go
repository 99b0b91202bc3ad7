package sync

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/quota"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

// With the race detector, a generated case takes eight times as long. It looks for races in a part of the cases, and the
// tests without it check the properties in all of them.
func TestMain(m *testing.M) {
	if build, ok := debug.ReadBuildInfo(); ok && slices.Contains(build.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		if err := flag.Set("rapid.checks", "25"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

// rows returns an input of n rows for the groups 1 to n.
func rows(n int) string {
	var b strings.Builder
	b.WriteString("groupId,name,externalReferenceId\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,name %d,erp-%d\n", i+1, i+1, i+1)
	}
	return b.String()
}

// trial is a job under test, with its own store.
type trial struct {
	t      *testing.T
	server *ecwidtest.Server
	input  string
	path   string // of the results
	clear  bool   // an empty external id clears
	key    string // the column by which groups are found
}

// newInput returns in as the input of a job. It can be read twice only if in can.
func (tr *trial) newInput(ctx context.Context, in io.Reader) *groupfile.Input {
	tr.t.Helper()
	rows, err := groupfile.NewInput(ctx, in, groupfile.ReaderOptions{Name: "groups.csv", ClearBlank: tr.clear, Key: tr.key})
	if err != nil {
		tr.t.Fatal(err)
	}
	return rows
}

func newTrial(t *testing.T, input string, o ecwidtest.Options) *trial {
	t.Helper()
	server := ecwidtest.NewMemoryServer(o)
	t.Cleanup(server.Close)
	return &trial{t: t, server: server, input: input, path: filepath.Join(t.TempDir(), "results.csv")}
}

// job returns a job with the defaults of the program, changed by adapt.
func (tr *trial) job(ctx context.Context, adapt ...func(*Job)) *Job {
	tr.t.Helper()
	token, err := ecwid.NewToken(tr.server.Token())
	if err != nil {
		tr.t.Fatal(err)
	}
	client, err := ecwid.New(ecwid.Config{
		Store: tr.server.Store(), Token: token, BaseURL: tr.server.URL, Transport: tr.server.Client().Transport,
	})
	if err != nil {
		tr.t.Fatal(err)
	}
	job := &Job{
		Input: tr.newInput(ctx, struct{ io.Reader }{strings.NewReader(tr.input)}), Client: client,
		Results: journal.Results{Path: tr.path, Resume: true, StoreID: tr.server.Store()},
		Rate:    quota.Rate{Requests: 600, Window: time.Minute}, Concurrency: 10, Timeout: 30 * time.Second,
		MaxAttempts: 5, MaxOutage: 15 * time.Minute,
	}
	for _, a := range adapt {
		a(job)
	}
	return job
}

func (tr *trial) run(adapt ...func(*Job)) (Summary, error) {
	tr.t.Helper()
	return tr.job(tr.t.Context(), adapt...).Run(tr.t.Context())
}

// lines returns the records of the results, without the header.
func (tr *trial) lines() []string {
	tr.t.Helper()
	data, err := os.ReadFile(tr.path)
	if err != nil {
		tr.t.Fatal(err)
	}
	all := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	return all[1:]
}

// wantAll checks that the results have each of n rows once, in order, with the status.
func (tr *trial) wantAll(n int, status journal.Status) {
	tr.t.Helper()
	lines := tr.lines()
	if len(lines) != n {
		tr.t.Errorf("the results have %d records, want %d", len(lines), n)
	}
	for i, line := range lines {
		if want := fmt.Sprintf("%d,%d,name %d,erp-%d,%s,", i+2, i+1, i+1, i+1, status); !strings.HasPrefix(line, want) {
			tr.t.Fatalf("record %d is %q, want it to begin with %q", i+1, line, want)
		}
	}
}

// fast sets a rate that does not delay requests.
func fast(j *Job) { j.Rate = quota.Rate{Requests: 1_000_000, Window: time.Second} }

// jitter returns a function that returns random latencies between two bounds.
func jitter(seed uint64, least, most time.Duration) func() time.Duration {
	random := rand.New(rand.NewPCG(seed, seed))
	var mu sync.Mutex
	return func() time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return least + time.Duration(random.Int64N(int64(most-least)))
	}
}

// connectionLostAfter returns a fault: the connection is lost after a number of requests, the last of which is still
// applied.
func connectionLostAfter(last int) func(ecwidtest.Request) ecwidtest.Fault {
	return func(r ecwidtest.Request) ecwidtest.Fault {
		switch {
		case r.N == last:
			return ecwidtest.Reset().Applied()
		case r.N > last:
			return ecwidtest.Reset()
		}
		return ecwidtest.Fault{}
	}
}

// slowTransport delays requests on their way to the server.
type slowTransport struct {
	http.RoundTripper
	delay func() time.Duration
}

func (s slowTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(s.delay())
	return s.RoundTripper.RoundTrip(r)
}

func TestRun(t *testing.T) {
	tr := newTrial(t, rows(50), ecwidtest.Options{AnyGroup: true})
	summary, err := tr.run()
	if err != nil {
		t.Fatal(err)
	}
	tr.wantAll(50, journal.Updated)
	if diff := cmp.Diff(map[journal.Status]int{journal.Updated: 50}, summary.Rows); diff != "" || summary.Requests != 50 {
		t.Error(diff, summary.Requests)
	}
	for i, g := range tr.server.Groups()[1:] {
		if want := (ecwidtest.Group{ID: int32(i + 1), Name: fmt.Sprintf("name %d", i+1), ExternalReferenceID: fmt.Sprintf("erp-%d", i+1)}); g != want {
			t.Errorf("the store holds %v, want %v", g, want)
		}
	}
}

// Rows of one group are applied in file order, even if the earlier ones are slow.
func TestOrderPerGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var input strings.Builder
		input.WriteString("groupId,name\n")
		for i := range 300 {
			fmt.Fprintf(&input, "%d,version %d\n", i%3+1, i)
		}
		tr := newTrial(t, input.String(), ecwidtest.Options{AnyGroup: true, Latency: jitter(1, time.Millisecond, time.Second)})
		if _, err := tr.run(); err != nil {
			t.Fatal(err)
		}
		last := map[int32]time.Time{}
		next := map[int32]int{1: 0, 2: 1, 3: 2}
		for _, r := range tr.server.Requests() {
			if r.Arrived.Before(last[r.GroupID]) {
				t.Fatalf("group %d: a request arrived before the response to the previous one", r.GroupID)
			}
			last[r.GroupID] = r.Answered
			if want := fmt.Sprintf(`{"name":"version %d"}`, next[r.GroupID]); r.Body != want {
				t.Fatalf("group %d got %s, want %s", r.GroupID, r.Body, want)
			}
			next[r.GroupID] += 3
		}
	})
}

// A panic on a goroutine of the run ends the run with an error.
func TestPanicIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(3000), ecwidtest.Options{AnyGroup: true})
		_, err := tr.run(func(j *Job) {
			j.Hooks.Settled = func(o Outcome) {
				if o.Line == 100 {
					panic("a bug")
				}
			}
		})
		p, ok := errors.AsType[*PanicError](err)
		if !ok || !strings.Contains(string(p.Stack), "job_test.go") {
			t.Fatalf("got %v", err)
		}
	})
}

// A run that is stopped leaves a record only for settled rows, and can be continued.
func TestStopAndResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(400), ecwidtest.Options{AnyGroup: true, Latency: jitter(2, 20*time.Millisecond, 9*time.Second)})
		stopped := 0
		for {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			began := time.Now()
			_, err := tr.job(ctx).Run(ctx)
			cancel()
			if took := time.Since(began); took > 30*time.Second {
				t.Fatalf("the stop took %v", took-20*time.Second)
			}
			if err == nil {
				break
			}
			if _, ok := errors.AsType[*InterruptedError](err); !ok {
				t.Fatal(err)
			}
			stopped++
		}
		if stopped < 5 {
			t.Errorf("stopped only %d times", stopped)
		}
		tr.wantAll(400, journal.Updated)
		if n := len(tr.server.Requests()); n != 400 {
			t.Errorf("%d requests for 400 rows, want one for each", n)
		}
	})
}

// A read error during the run interrupts it, and does not count as the end of the input.
func TestInputReadError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(20), ecwidtest.Options{AnyGroup: true})
		_, err := tr.run(func(j *Job) { j.Input = tr.newInput(t.Context(), &brokenReader{data: rows(20)[:200]}) })
		if _, ok := errors.AsType[*InterruptedError](err); !ok || !strings.Contains(err.Error(), "groups.csv: reading line 12: a bad sector") {
			t.Fatalf("got %v", err)
		}
		if _, err := tr.run(); err != nil {
			t.Fatal(err)
		}
		tr.wantAll(20, journal.Updated)
	})
}

type brokenReader struct{ data string }

func (b *brokenReader) Read(p []byte) (int, error) {
	if b.data == "" {
		return 0, errors.New("a bad sector")
	}
	n := copy(p, b.data)
	b.data = b.data[n:]
	return n, nil
}

// Nothing refers to a run after it has ended, so the values of its context can be collected.
func TestNothingOutlivesARun(t *testing.T) {
	type key struct{}
	tr := newTrial(t, rows(3), ecwidtest.Options{AnyGroup: true})
	leaked := func() weak.Pointer[[]byte] {
		value := new(make([]byte, 1<<20))
		ctx := context.WithValue(t.Context(), key{}, value)
		if _, err := tr.job(t.Context()).Run(ctx); err != nil {
			t.Fatal(err)
		}
		return weak.Make(value)
	}()
	tr.server.Close()
	for range 20 {
		runtime.GC()
		if leaked.Value() == nil {
			return
		}
		runtime.Gosched()
	}
	t.Error("the context of the run is still referenced")
}
