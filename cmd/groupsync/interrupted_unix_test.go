//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"groupsync/ecwid/ecwidtest"
)

// The store never responds. A second run on the same results is refused or waits; the first signal waits for the
// requests in flight, the second one does not.
func TestSecondRunAndSecondSignal(t *testing.T) {
	arrived := make(chan struct{}, 100)
	server := ecwidtest.NewServer(ecwidtest.Options{AnyGroup: true, Fault: func(ecwidtest.Request) ecwidtest.Fault {
		arrived <- struct{}{}
		return ecwidtest.Stall()
	}})
	t.Cleanup(server.Close)
	input := filepath.Join(t.TempDir(), "groups.csv")
	if err := os.WriteFile(input, []byte("groupId,name\n1,a\n2,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	start := func(flags ...string) (*exec.Cmd, *bytes.Buffer) {
		command := exec.Command("groupsync", append([]string{"sync", input}, flags...)...)
		command.Env = append(os.Environ(), "ECWID_API_URL="+server.URL, "ECWID_STORE_ID="+server.Store(), "ECWID_TOKEN="+server.Token())
		stderr := &bytes.Buffer{}
		command.Stderr = stderr
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		return command, stderr
	}
	end := func(command *exec.Cmd, stderr *bytes.Buffer, code int, words string) {
		t.Helper()
		command.Wait()
		if got := command.ProcessState.ExitCode(); got != code || !strings.Contains(stderr.String(), words) {
			t.Errorf("exit code %d, want %d, and %q:\n%s", got, code, words, stderr)
		}
	}

	first, firstStderr := start()
	<-arrived
	for _, flags := range [][]string{nil, {"--resume"}, {"--overwrite"}} {
		second, stderr := start(flags...)
		end(second, stderr, exitInterrupted, "groups.results.csv: --lock-wait 10m waits")
	}
	waiting, waitingStderr := start("--resume", "--lock-wait", "1m")
	stop := func(command *exec.Cmd) {
		t.Helper()
		for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
			if err := command.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(server.Requests()); n != 1 {
		t.Errorf("%d requests were sent", n)
	}
	stop(first)
	end(first, firstStderr, exitInterrupted, "--resume")
	<-arrived // of the run that waited for the first one to end
	stop(waiting)
	end(waiting, waitingStderr, exitInterrupted, "--resume")
}

// A write error, here a limit on the size of files, ends the run, which can be resumed once there is space.
func TestFullDisk(t *testing.T) {
	server := ecwidtest.NewServer(ecwidtest.Options{AnyGroup: true})
	t.Cleanup(server.Close)
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("groupId,name\n")
	for range 1000 {
		rows.WriteString("1,a\n")
	}
	if err := os.WriteFile(filepath.Join(dir, "groups.csv"), []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		script string
		code   int
		words  string
	}{
		{`ulimit -f 8; exec groupsync sync --rate 1000000/s groups.csv`, exitInterrupted, "groups.results.csv: file too large"},
		{`exec groupsync sync --rate 1000000/s groups.csv --resume`, exitGood, `"updated":1000`},
	} {
		command := exec.Command("sh", "-c", c.script)
		command.Dir = dir
		command.Env = append(os.Environ(), "ECWID_API_URL="+server.URL, "ECWID_STORE_ID="+server.Store(), "ECWID_TOKEN="+server.Token())
		out, _ := command.CombinedOutput()
		if got := command.ProcessState.ExitCode(); got != c.code || !strings.Contains(string(out), c.words) {
			t.Errorf("%s: exit code %d, want %d, and %q:\n%s", c.script, got, c.code, c.words, out)
		}
	}
	results, err := os.ReadFile(filepath.Join(dir, "groups.results.csv"))
	if n := bytes.Count(results, []byte("\n")); err != nil || n != 1001 {
		t.Errorf("the results have %d lines, %v", n, err)
	}
}
