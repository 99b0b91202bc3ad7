package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// goRace prevents the race detector from delaying the end of each process by a second.
const goRace = "atexit_sleep_ms=10"

// TestMain lets the test binary run as groupsync too: scripts and tests start it as a separate process.
func TestMain(m *testing.M) {
	if err := os.Setenv("GORACE", goRace); err != nil {
		panic(err)
	}
	// Most scripts wait for the rate limit, not for a processor.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"groupsync": main})
}

// brokenWriter panics when it is first written to.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { panic("a broken writer") }

func TestPanicIsExit70(t *testing.T) {
	tests := map[string][]string{
		"in the command":            {"groupsync", "version"},
		"on a goroutine of the run": {"groupsync", "sync", "--sandbox", "--results", "-", "../../testdata/groups.csv"},
		"while help is printed":     {"groupsync", "--help"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			if code := run(t.Context(), args, os.Getenv, strings.NewReader(""), brokenWriter{}, &stderr); code != exitBug {
				t.Errorf("exit code %d, want %d", code, exitBug)
			}
			for _, want := range []string{"groupsync: panic: a broken writer", "brokenWriter.Write"} {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("standard error lacks %q:\n%s", want, stderr.String())
				}
			}
		})
	}
}

// With JSON output, a panic is one line as well.
func TestPanicAsJSON(t *testing.T) {
	t.Setenv("GROUPSYNC_LOG_FORMAT", "json")
	var stderr bytes.Buffer
	if code := run(t.Context(), []string{"groupsync", "version"}, os.Getenv, strings.NewReader(""), brokenWriter{}, &stderr); code != exitBug {
		t.Errorf("exit code %d, want %d", code, exitBug)
	}
	var line struct {
		Message, Stack string
		ExitCode       int
	}
	if err := json.Unmarshal(stderr.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, &stderr)
	}
	if line.Message != "panic: a broken writer" || line.ExitCode != exitBug || !strings.Contains(line.Stack, "brokenWriter.Write") {
		t.Errorf("the line is %+v", line)
	}
}

// A run ends at its time limit even if its input has not sent the header yet.
func TestInterruptedBeforeTheHeader(t *testing.T) {
	silent, keep := io.Pipe()
	defer keep.Close()
	results := filepath.Join(t.TempDir(), "results.csv")
	args := []string{"groupsync", "sync", "--sandbox", "--max-duration", "1ms", "--results", results, "-"}
	var stderr bytes.Buffer
	if code := run(t.Context(), args, os.Getenv, silent, io.Discard, &stderr); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	if want := "groupsync: the time limit of 1ms (--max-duration) was reached"; !strings.HasPrefix(stderr.String(), want) {
		t.Errorf("standard error is %q, want it to begin with %q", &stderr, want)
	}
}
