//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The copy of a pipe has no name, so that nothing of it remains after kill -9.
func TestSpoolIsGoneAfterKill(t *testing.T) {
	command, start, _ := prepareRun(t, "groupsync", "plan", "-")
	temp := t.TempDir()
	command.Env = append(command.Env, "TMPDIR="+temp)
	command.Stdin = strings.NewReader("groupId,name\n" + strings.Repeat("9367001,VIP\n", 200_000))
	start() // the first request is sent once the pipe has been copied
	if runtime.GOOS == "linux" && !hasOpenFile(command.Process.Pid, temp) {
		t.Error("the pipe was not copied to a file in $TMPDIR")
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err == nil {
		t.Error("the plan succeeded before it was killed")
	}
	for _, dir := range []string{temp, command.Dir} {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if f.Name() != "groups.csv" {
				t.Errorf("%s is left", f.Name())
			}
		}
	}
}

// hasOpenFile reports whether a process still has a file open that was removed from the folder.
func hasOpenFile(pid int, dir string) bool {
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, link := range links {
		if path, err := os.Readlink(link); err == nil && strings.HasPrefix(path, dir) && strings.HasSuffix(path, "(deleted)") {
			return true
		}
	}
	return false
}
