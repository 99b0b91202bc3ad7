//go:build unix

package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"groupsync/ecwid/ecwidtest"
)

const (
	crashRows    = 2000
	crashStops   = 50
	crashWorkers = 10 // the default of --concurrency
)

// crash runs the program repeatedly, and stops it with the signal each time while requests are in flight, until a run
// ends by itself. It returns the store.
func crash(t *testing.T, stop syscall.Signal, wantCode int) *ecwidtest.Server {
	t.Parallel()
	dir := t.TempDir()
	input := filepath.Join(dir, "groups.csv")
	var rows strings.Builder
	rows.WriteString("groupId,name,externalReferenceId\n")
	for i := range crashRows {
		fmt.Fprintf(&rows, "%d,name %d,erp-%d\n", i+1, i+1, i+1)
	}
	if err := os.WriteFile(input, []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	arrived := make(chan struct{}, crashRows*10)
	server := ecwidtest.NewServer(ecwidtest.Options{
		AnyGroup: true,
		Latency:  func() time.Duration { return 20 * time.Millisecond },
		Fault: func(ecwidtest.Request) ecwidtest.Fault {
			arrived <- struct{}{}
			return ecwidtest.Fault{}
		},
	})
	t.Cleanup(server.Close)

	random := rand.New(rand.NewPCG(1, uint64(stop)))
	for i := 0; ; i++ {
		command := exec.Command("groupsync", "sync", "--resume", "--rate", "1000000/s", input)
		command.Env = append(os.Environ(), "ECWID_API_URL="+server.URL, "ECWID_STORE_ID="+server.Store(), "ECWID_TOKEN="+server.Token())
		var stderr bytes.Buffer
		command.Stderr = &stderr
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		if i < crashStops {
			// The signal comes after a number of requests, not a time, so every run sends requests.
			for range 1 + random.IntN(60) {
				<-arrived
			}
			if err := command.Process.Signal(stop); err != nil {
				t.Fatal(err)
			}
		}
		err := command.Wait()
		for len(arrived) > 0 {
			<-arrived
		}
		if i == crashStops {
			if err != nil {
				t.Fatalf("the last run: %v\n%s", err, &stderr)
			}
			break
		}
		if code := command.ProcessState.ExitCode(); code != wantCode {
			t.Fatalf("run %d: exit code %d, want %d\n%s", i, code, wantCode, &stderr)
		}
	}

	results, err := os.ReadFile(filepath.Join(dir, "groups.results.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(results), "\n"), "\n")
	if len(lines) != 1+crashRows {
		t.Fatalf("the results have %d lines", len(lines))
	}
	for i, line := range lines[1:] {
		if want := fmt.Sprintf("%d,%d,name %d,erp-%d,updated,1,200,", i+2, i+1, i+1, i+1); !strings.HasPrefix(line, want) {
			t.Fatalf("record %d is %q", i+1, line)
		}
	}
	for i, g := range server.Groups()[1:] {
		if g.Name != fmt.Sprintf("name %d", i+1) || g.ExternalReferenceID != fmt.Sprintf("erp-%d", i+1) {
			t.Fatalf("the store has %v", g)
		}
	}
	return server
}

// A run that is killed fifty times and resumed each time loses nothing, and repeats few requests.
func TestKilledFiftyTimes(t *testing.T) {
	server := crash(t, syscall.SIGKILL, -1)
	repeated := len(server.Requests()) - crashRows
	t.Logf("%d PUTs were repeated", repeated)
	if repeated > crashStops*2*crashWorkers {
		t.Error("the runs sent too many requests")
	}
}

// A run that is stopped fifty times sends no PUT again that got a response.
func TestStoppedFiftyTimes(t *testing.T) {
	server := crash(t, syscall.SIGTERM, exitInterrupted)
	responded := map[int32]bool{}
	for _, r := range server.Requests() {
		if responded[r.GroupID] {
			t.Errorf("group %d was sent again after its PUT got a response", r.GroupID)
		}
		responded[r.GroupID] = r.Status != 0
	}
}
