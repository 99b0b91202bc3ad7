package sync

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
)

// If the token is revoked during the run, no request leaves once the first 403 was read.
func TestTokenRevokedDuringTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := ecwidtest.Options{AnyGroup: true, Latency: jitter(3, 20*time.Millisecond, 500*time.Millisecond)}
		tr := newTrial(t, rows(2000), o)
		tr.server.SetFault(func(r ecwidtest.Request) ecwidtest.Fault {
			if r.N == 700 {
				tr.server.RevokeToken()
			}
			return ecwidtest.Fault{}
		})
		_, err := tr.run()
		stopped, ok := errors.AsType[*StoppedError](err)
		if !ok || !errors.Is(stopped, ecwid.ErrForbidden) {
			t.Fatalf("got %v", err)
		}
		var read time.Time
		refused := 0
		for _, r := range tr.server.Requests() {
			if r.Status == http.StatusForbidden {
				refused++
				if read.IsZero() || r.Answered.Before(read) {
					read = r.Answered
				}
			}
		}
		for _, r := range tr.server.Requests() {
			if r.Arrived.After(read) {
				t.Errorf("request %d arrived %v after the first 403 was read", r.N, r.Arrived.Sub(read))
			}
		}
		if refused > 10 {
			t.Errorf("%d requests were refused, with 10 workers", refused)
		}
		for _, line := range tr.lines() {
			if !strings.Contains(line, ",updated,1,200,") {
				t.Errorf("a row was recorded that is not settled: %s", line)
			}
		}
	})
}

func TestRefusedFromTheStart(t *testing.T) {
	for name, fault := range map[string]ecwidtest.Fault{
		"token":      ecwidtest.Status(403, "", ""),
		"no token":   ecwidtest.Status(401, "", ""),
		"plan":       ecwidtest.Status(402, "NOT_AVAILABLE_ON_CURRENT_PLAN", ""),
		"store":      ecwidtest.Status(404, "STORE_NOT_FOUND", ""),
		"not an API": ecwidtest.HTML(404),
		"method":     ecwidtest.Status(405, "", ""),
		"media type": ecwidtest.Status(415, "", ""),
		"redirect":   ecwidtest.Redirect("https://example.com/"),
	} {
		t.Run(name, func(t *testing.T) {
			tr := newTrial(t, rows(50), ecwidtest.Options{AnyGroup: true, Fault: func(ecwidtest.Request) ecwidtest.Fault { return fault }})
			_, err := tr.run()
			if _, ok := errors.AsType[*StoppedError](err); !ok {
				t.Errorf("got %v", err)
			}
			if n := len(tr.server.Requests()); n != 1 || len(tr.lines()) != 0 {
				t.Errorf("%d requests were sent, %d rows recorded", n, len(tr.lines()))
			}
		})
	}
}

// A refused token ends the run at once, even if the input is a pipe that delivers no more data.
func TestRefusedWhileThePipeIsIdle(t *testing.T) {
	pipe, writer := io.Pipe()
	defer writer.Close()
	go writer.Write([]byte(rows(3)))
	tr := newTrial(t, rows(3), ecwidtest.Options{AnyGroup: true, Fault: func(ecwidtest.Request) ecwidtest.Fault {
		return ecwidtest.Status(403, "", "")
	}})
	_, err := tr.run(func(j *Job) { j.Input = tr.newInput(t.Context(), pipe) })
	if _, ok := errors.AsType[*StoppedError](err); !ok || len(tr.server.Requests()) != 1 {
		t.Errorf("got %v, after %d requests", err, len(tr.server.Requests()))
	}
}
