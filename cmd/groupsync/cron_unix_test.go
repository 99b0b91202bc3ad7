//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"groupsync/ecwid/ecwidtest"

	"github.com/gofrs/flock"
)

// The README's wrapper for cron retries after exit code 4, and prints the output of the last attempt. Here another run
// locks the results at first.
func TestReadmeWrapper(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, wrapper, _ := strings.Cut(string(readme), "\n```shell\n")
	wrapper, _, _ = strings.Cut(wrapper, "```\n")
	server := ecwidtest.NewServer(ecwidtest.Options{AnyGroup: true})
	t.Cleanup(server.Close)

	for _, c := range []struct {
		what     string
		input    string
		attempts int // how many find the results locked
		pauses   string
		code     int
		mail     string // contains this once; "" if there is no mail
	}{
		{"good at once", "1,a", 0, "0", exitGood, ""},
		{"good in the end", "1,a", 2, "0 60 600", exitGood, ""},
		{"a bad row in the end", "x,a", 1, "0 60", exitNotGood, "groups.csv: done"},
		{"never", "1,a", 4, "0 60 600 3600", exitInterrupted, "groupsync: another run is writing to results.csv"},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir := t.TempDir()
			for name, content := range map[string]string{
				"nightly": wrapper,
				// A replacement for sleep: the other run ends before the first attempt that finds no lock.
				"sleep":      fmt.Sprintf("#!/bin/sh\necho $1 >> pauses\ntest $(wc -l < pauses) -le %d || rm -f results.csv.lock\n", c.attempts),
				"groups.csv": "groupId,name\n" + c.input + "\n",
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			another := flock.New(filepath.Join(dir, "results.csv.lock"))
			if locked, err := another.TryLock(); !locked {
				t.Fatal("the results cannot be locked", err)
			}
			defer another.Unlock()

			command := exec.CommandContext(t.Context(), "./nightly", "groups.csv", "results.csv")
			command.Dir = dir
			command.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"),
				"ECWID_API_URL="+server.URL, "ECWID_STORE_ID="+server.Store(), "ECWID_TOKEN="+server.Token())
			mail, err := command.CombinedOutput()
			if got := command.ProcessState.ExitCode(); got != c.code {
				t.Errorf("exit code %d (%v), want %d", got, err, c.code)
			}
			if c.mail == "" && len(mail) > 0 || c.mail != "" && strings.Count(string(mail), c.mail) != 1 {
				t.Errorf("the mail is %q, want %q in it once", mail, c.mail)
			}
			if c.code != exitInterrupted && strings.Contains(string(mail), "another run") {
				t.Errorf("the mail has the output of an earlier attempt: %q", mail)
			}
			pauses, err := os.ReadFile(filepath.Join(dir, "pauses"))
			if got := strings.Join(strings.Fields(string(pauses)), " "); got != c.pauses {
				t.Errorf("the pauses are %s (%v), want %s", got, err, c.pauses)
			}
		})
	}
}
