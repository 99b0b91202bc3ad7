package main

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"groupsync/ecwid/ecwidtest"
)

// A run has one id: each log line has it, and each request has its first characters.
func TestRunID(t *testing.T) {
	options := sandboxStore()
	options.Token = testToken
	server := ecwidtest.NewServer(options)
	defer server.Close()
	variables := map[string]string{"ECWID_API_URL": server.URL, "ECWID_STORE_ID": server.Store(), "ECWID_TOKEN": testToken}
	getenv := func(name string) string { return variables[name] }
	var stderr bytes.Buffer
	results := filepath.Join(t.TempDir(), "results.csv")
	args := []string{"groupsync", "sync", "--log-level", "debug", "--results", results, "../../testdata/mixed.csv"}
	if code := run(t.Context(), args, getenv, strings.NewReader(""), io.Discard, &stderr); code != exitNotGood {
		t.Fatalf("exit code %d:\n%s", code, &stderr)
	}
	id := ""
	for text := range strings.Lines(stderr.String()) {
		var line struct {
			RunID string `json:"runId"`
		}
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		if id == "" {
			id = line.RunID
		}
		if len(line.RunID) != 16 || line.RunID != id {
			t.Errorf("the id is %q, and in this line it is %q", id, line.RunID)
		}
	}
	for _, r := range server.Requests() {
		if got := r.Header.Get("X-Ecwid-Api-Request-Id"); id == "" || got != id[:requestIDLength] {
			t.Fatalf("request %d has the id %q, and the run %q", r.N, got, id)
		}
	}
}
