//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"groupsync/sync"
)

// A run that waits for a named pipe without a writer can be interrupted.
func TestPipeWithoutWriter(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "groups.csv")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	if code := run(t.Context(), []string{"groupsync", "sync", "--sandbox", "--max-duration", "1ms", pipe}, os.Getenv, nil, io.Discard, &stderr); code != exitInterrupted {
		t.Errorf("exit code %d:\n%s", code, &stderr)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(&sync.InterruptedError{})
	check := &checkCmd{readingFlags: readingFlags{File: pipe}}
	_, err := check.check(ctx, &program{getenv: os.Getenv})
	if code := exitCodeOf(notStarted(ctx, err, "check")); code != exitInterrupted {
		t.Errorf("%v: exit code %d", err, code)
	}
}
