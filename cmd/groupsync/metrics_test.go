package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/sync"
	"groupsync/sync/journal"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// transport is a function that responds to each request.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) { return t(req) }

// The linter of Prometheus reports nothing, and the values are those of the run.
func TestMetricsFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMetrics(filepath.Join(t.TempDir(), "groupsync.prom"), "42")
		instrumented := m.instrument()(transport(func(req *http.Request) (*http.Response, error) {
			if req.Method == http.MethodGet {
				return nil, errors.New("connection reset")
			}
			time.Sleep(200 * time.Millisecond)
			return &http.Response{StatusCode: http.StatusTooManyRequests}, nil
		}))
		for _, method := range []string{"PUT", "PUT", "GET"} {
			instrumented.RoundTrip(httptest.NewRequestWithContext(t.Context(), method, "/", nil))
		}
		s := sync.Summary{
			Started: time.Now(), Elapsed: 90 * time.Second, Waited: time.Minute, Retries: 3, Pauses: 2,
			Rows: map[journal.Status]int{journal.Updated: 7},
		}
		if err := m.send(t.Context(), s, exitGood); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(m.target)
		if err != nil {
			t.Fatal(err)
		}
		problems, err := promlint.New(strings.NewReader(string(data))).Lint()
		if err != nil || len(problems) > 0 {
			t.Errorf("the linter says %v, %v", problems, err)
		}
		for _, want := range []string{
			`groupsync_rows{status="updated",store="42"} 7`,
			`groupsync_rows{status="failed",store="42"} 0`,
			`groupsync_requests{code="429",store="42"} 2`,
			`groupsync_requests{code="none",store="42"} 1`,
			`groupsync_request_duration_seconds_bucket{store="42",le="0.1"} 0`,
			`groupsync_request_duration_seconds_bucket{store="42",le="0.25"} 2`,
			`groupsync_retries{store="42"} 3`,
			`groupsync_pauses{store="42"} 2`,
			`groupsync_quota_wait_seconds{store="42"} 60`,
			`groupsync_duration_seconds{store="42"} 90`,
			`groupsync_exit_code{store="42"} 0`,
			`groupsync_last_completion_timestamp_seconds{store="42"} 9.4668489e+08`,
			`groupsync_last_success_timestamp_seconds{store="42"} 9.4668489e+08`,
		} {
			if !strings.Contains(string(data), want+"\n") {
				t.Errorf("there is no %s in\n%s", want, data)
			}
		}
	})
}

// A run that fails or has no rows does not change the time of the last success.
func TestMetricsLastSuccess(t *testing.T) {
	target := filepath.Join(t.TempDir(), "groupsync.prom")
	rows := map[journal.Status]int{journal.Updated: 1}
	at := func(unix int64, store string, code int) string {
		t.Helper()
		m := newMetrics(target, store)
		if err := m.send(t.Context(), sync.Summary{Started: time.Unix(unix, 0), Rows: rows}, code); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(target)
		if err != nil {
			t.Fatal(err)
		}
		_, value, _ := strings.Cut(string(data), "\n"+lastSuccess+`{store="`+store+`"} `)
		value, _, _ = strings.Cut(value, "\n")
		return value
	}
	if got := at(5, "42", exitNotGood); got != "0" {
		t.Errorf("before any success the last one was at %q, want 0", got)
	}
	at(6, "42", exitGood)
	if got := at(7, "42", exitInterrupted); got != "6" {
		t.Errorf("the last success was at %q, want 6", got)
	}
	rows = nil
	if got := at(8, "42", exitGood); got != "6" {
		t.Errorf("after a run without rows the last success was at %q, want 6", got)
	}
	if got := at(8, "43", exitNotGood); got != "0" {
		t.Errorf("another store has a success at %q, want 0", got)
	}
	// A file without metrics is replaced as well.
	if err := os.WriteFile(target, []byte("{{{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := at(9, "42", exitNotGood); got != "0" {
		t.Errorf("without an earlier success the last one was at %q, want 0", got)
	}
}

func TestMetricsPush(t *testing.T) {
	var seen *http.Request
	var body []byte
	status, page := http.StatusOK, ""
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Location", "/login")
		w.WriteHeader(status)
		io.WriteString(w, page)
	}))
	defer gateway.Close()
	target := strings.Replace(gateway.URL, "http://", "http://user:sekret@", 1)

	// With POST, the gateway keeps the metrics that are not sent, such as the time of the last success.
	if err := newMetrics(target, "42").send(t.Context(), sync.Summary{}, exitNotGood); err != nil {
		t.Fatal(err)
	}
	user, password, _ := seen.BasicAuth()
	if seen.Method != http.MethodPost || seen.URL.Path != "/metrics/job/groupsync/store/42" || user != "user" || password != "sekret" {
		t.Errorf("got %s %s by %s", seen.Method, seen.URL.Path, user)
	}
	if len(body) == 0 || strings.Contains(string(body), lastSuccess) {
		t.Errorf("the push is %q", body)
	}
	// A redirect would be followed without the metrics, and would look like a success.
	status = http.StatusFound
	if err := newMetrics(target, "42").send(t.Context(), sync.Summary{}, exitGood); err == nil || seen.Method != http.MethodPost {
		t.Errorf("a redirect is followed with %s, and the error is %v", seen.Method, err)
	}
	// The password is not in the error of a gateway that refuses or does not respond.
	for range 2 {
		status, page = http.StatusInternalServerError, strings.Repeat("<br>\n", 10_000)
		err := newMetrics(target, "42").send(t.Context(), sync.Summary{}, exitGood)
		if err == nil || strings.Contains(err.Error(), "sekret") || strings.Contains(err.Error(), "\n") || len(err.Error()) > 1000 {
			t.Errorf("the error is %.2000v", err)
		}
		gateway.Close()
	}
}
