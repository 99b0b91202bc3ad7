//go:build unix

package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"groupsync/ecwid/ecwidtest"
)

// A new file has the permissions that the umask allows; a replaced file keeps its own.
func TestUmask(t *testing.T) {
	server := ecwidtest.NewServer(ecwidtest.Options{Groups: []ecwidtest.Group{{ID: 1, Name: "a"}}})
	t.Cleanup(server.Close)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "groups.csv"), []byte("groupId,name\n1,b\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	replaced := []string{"groups.results.csv", "summary.json", "store.prom", "pulled.csv"}
	created := []string{"before.csv", "groups.results.csv.backup.sha256"} // never replaced
	for _, c := range []struct {
		umask    string
		replaced fs.FileMode // of the files that exist since the first run
		created  fs.FileMode // of the files that each run creates
	}{{"077", 0o600, 0o600}, {"022", 0o600, 0o644}} {
		script := "umask " + c.umask + `
rm -f before.csv
groupsync sync groups.csv --quiet --overwrite --backup before.csv --summary summary.json --metrics store.prom
groupsync pull pulled.csv --overwrite`
		command := exec.CommandContext(t.Context(), "sh", "-ec", script)
		command.Dir = dir
		command.Env = append(os.Environ(), "ECWID_API_URL="+server.URL, "ECWID_STORE_ID="+server.Store(), "ECWID_TOKEN="+server.Token())
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		check := func(names []string, want fs.FileMode) {
			t.Helper()
			for _, name := range names {
				info, err := os.Stat(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				if got := info.Mode().Perm(); got != want {
					t.Errorf("umask %s: %s has the mode %03o, want %03o", c.umask, name, got, want)
				}
			}
		}
		check(replaced, c.replaced)
		check(created, c.created)
	}
}
