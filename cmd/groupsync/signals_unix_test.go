//go:build unix

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"groupsync/ecwid/ecwidtest"
)

// prepareRun prepares a run of 100 rows in a separate process, with the words of a command line. start starts it and
// waits for its first request. No request gets a response before respond is called.
func prepareRun(t *testing.T, words ...string) (command *exec.Cmd, start, respond func()) {
	t.Helper()
	arrived, responded := make(chan struct{}, 1000), make(chan struct{})
	server := ecwidtest.NewServer(ecwidtest.Options{AnyGroup: true, Fault: func(ecwidtest.Request) ecwidtest.Fault {
		arrived <- struct{}{}
		<-responded
		return ecwidtest.Fault{}
	}})
	var rows strings.Builder
	rows.WriteString("groupId,name\n")
	for i := range 100 {
		fmt.Fprintf(&rows, "%d,a\n", i+1)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "groups.csv"), []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	// A run that no signal ends is killed, and has no exit code.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	command = exec.CommandContext(ctx, words[0], words[1:]...)
	command.Dir = dir
	command.Env = append(os.Environ(), "ECWID_API_URL="+server.URL, "ECWID_STORE_ID="+server.Store(), "ECWID_TOKEN="+server.Token())
	open := true
	respond = func() {
		if open {
			open = false
			close(responded)
		}
	}
	t.Cleanup(func() {
		cancel()
		respond()
		server.Close()
	})
	return command, func() {
		t.Helper()
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		<-arrived
	}, respond
}

// ended waits for the end of the run and checks its exit code.
func ended(t *testing.T, command *exec.Cmd, want int) {
	t.Helper()
	err := command.Wait()
	if got := command.ProcessState.ExitCode(); got != want {
		t.Errorf("exit code %d (%v), want %d", got, err, want)
	}
}

// Each signal that stops a program ends the run with a summary and the command that continues.
func TestEverySignalStops(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(s.String(), func(t *testing.T) {
			command, start, respond := prepareRun(t, "groupsync", "sync", "groups.csv", "--log-format=json")
			stderr, err := command.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			start()
			if err := command.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewReader(stderr)
			if line, err := lines.ReadString('\n'); !strings.Contains(line, `"message":"stopping`) {
				t.Errorf("the first line is %q, %v", line, err)
			}
			respond()
			rest, err := io.ReadAll(lines)
			if want := `"next":"groupsync sync groups.csv --log-format=json --resume"`; !strings.Contains(string(rest), want) {
				t.Errorf("standard error lacks %s: %s%v", want, rest, err)
			}
			ended(t, command, exitInterrupted)
		})
	}
}

// A signal that was ignored when the program started stays ignored: with nohup, the run must outlive its terminal.
func TestIgnoredSignalStaysIgnored(t *testing.T) {
	command, start, respond := prepareRun(t, "sh", "-c", `trap "" HUP; exec groupsync sync groups.csv`)
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	start()
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM} {
		if err := command.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	lines := bufio.NewReader(stderr)
	if line, err := lines.ReadString('\n'); !strings.Contains(line, `"message":"stopping`) {
		t.Errorf("the first line is %q, %v", line, err)
	}
	respond()
	rest, err := io.ReadAll(lines)
	if !strings.Contains(string(rest), "stopped by a signal (terminated)") {
		t.Errorf("the summary is %s%v", rest, err)
	}
	ended(t, command, exitInterrupted)
}

// The second signal ends a run that is blocked by a pipe that nobody reads; the summary is still written to its file.
func TestSecondSignalEndsABlockedRun(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	defer writer.Close()
	fill(t, writer)
	command, start, respond := prepareRun(t, "groupsync", "sync", "groups.csv", "--log-level=debug", "--summary=summary.json")
	command.Stderr = writer
	start()
	respond()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		if err := command.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	ended(t, command, exitInterrupted)
	summary, err := os.ReadFile(filepath.Join(command.Dir, "summary.json"))
	if !strings.Contains(string(summary), `"exitCode": 4`) {
		t.Errorf("the summary is %q, %v", summary, err)
	}
}

// The second signal ends a pull that is blocked by a pipe that nobody reads.
func TestSecondSignalEndsABlockedPull(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	defer writer.Close()
	fill(t, writer)
	command, start, respond := prepareRun(t, "groupsync", "pull")
	command.Stdout, command.Stderr = writer, writer
	start()
	respond()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		if err := command.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	ended(t, command, exitInterrupted)
}

// fill writes to a pipe until it is full.
func fill(t *testing.T, pipe *os.File) {
	t.Helper()
	fd := int(pipe.Fd())
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	for block := make([]byte, 4096); len(block) > 0; {
		if _, err := syscall.Write(fd, block); err == syscall.EAGAIN {
			block = block[:len(block)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.SetNonblock(fd, false); err != nil {
		t.Fatal(err)
	}
}
