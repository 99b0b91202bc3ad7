package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groupsync/sync/journal"
)

// Kubernetes truncates a longer message, and a truncated JSON document cannot be parsed.
func TestReportShort(t *testing.T) {
	long := strings.Repeat("Ünverständlich \"<&>\" ", 1000)
	r := report{reportHead: reportHead{Error: long, Next: long, NextArgs: []string{long}, ExitCode: 4}, Results: &resultsReport{Name: long}, Reasons: []journal.Reason{{Status: journal.Failed, Count: 7, Line: 2, Example: long}}}
	data := r.short(maxTerminationMessage)
	if len(data) > maxTerminationMessage {
		t.Errorf("the message has %d bytes", len(data))
	}
	var got report
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if got.ExitCode != 4 || got.Reasons[0].Count != 7 || got.Error == "" || got.Reasons[0].Example == "" {
		t.Errorf("the message lacks important fields: %+v", got)
	}
	// A short report is not truncated.
	r = report{reportHead: reportHead{Error: "stopped", Next: "groupsync sync"}}
	if got := string(r.short(maxTerminationMessage)); got != string(r.json()) {
		t.Errorf("a short report was changed: %s", got)
	}
}

// A termination message is written only to a file that Kubernetes has created for it.
func TestWriteTerminationMessage(t *testing.T) {
	existing := filepath.Join(t.TempDir(), "existing")
	if err := os.WriteFile(existing, []byte("a longer message of an earlier container"), 0o600); err != nil {
		t.Fatal(err)
	}
	writeTerminationMessage(existing, []byte("stopped"))
	if got, err := os.ReadFile(existing); string(got) != "stopped" {
		t.Errorf("the message is %q, %v", got, err)
	}
	missing := filepath.Join(t.TempDir(), "missing")
	writeTerminationMessage(missing, []byte("stopped"))
	if _, err := os.Stat(missing); err == nil {
		t.Error("a file was created for it")
	}
}
