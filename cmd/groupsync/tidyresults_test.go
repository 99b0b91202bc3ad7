package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"groupsync/sync/journal"

	"github.com/rogpeppe/go-internal/testscript"
)

// age TIME FILE... sets the modification time of files to that long ago.
func age(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: age TIME FILE...")
	}
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	at := time.Now().Add(-d)
	for _, file := range args[1:] {
		ts.Check(os.Chtimes(ts.MkAbs(file), at, at))
	}
}

// oldResults returns the path of a results file that was written in 2001.
func oldResults(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "night.results.csv")
	header := "line,groupId,name,externalReferenceId,status,updateCount,httpStatus,attempts,error,storeId\n"
	if err := os.WriteFile(path, []byte(header), 0o644); err != nil {
		t.Fatal(err)
	}
	old := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	return path
}

// tidied runs tidy-results on the folder of the file, and returns the exit code and everything that is printed.
func tidied(file string) (code int, output string) {
	var out bytes.Buffer
	code = run(context.Background(), []string{"groupsync", "tidy-results", "--older-than", "1h", filepath.Dir(file)}, os.Getenv, strings.NewReader(""), &out, &out)
	return code, out.String()
}

func TestTidyResultsKeepsResultsInUse(t *testing.T) {
	file := oldResults(t)
	unlock, ok, err := journal.LockResults(file)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if code, out := tidied(file); code != exitGood || !strings.Contains(out, "in use   "+file+"\nremoved  0 files") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if code, out := tidied(file); code != exitGood || !strings.Contains(out, "removed  1 file older") {
		t.Errorf("exit code %d: %s", code, out)
	}
}

// A lock that is a link would be created at the target of the link.
func TestTidyResultsRefusesLinkedLock(t *testing.T) {
	file := oldResults(t)
	target := filepath.Join(t.TempDir(), "target")
	if err := os.Symlink(target, file+".lock"); err != nil {
		t.Fatal(err)
	}
	if code, out := tidied(file); code != exitNotGood || !strings.Contains(out, "is not a regular file") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if _, err := os.Stat(target); err == nil {
		t.Error("the lock was created at the target of the link")
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}
