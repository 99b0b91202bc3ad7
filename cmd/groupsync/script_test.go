package main

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// testToken is the token of every store in the scripts. No output of any run may show its middle.
const (
	testToken = "secret_TESTTOKEN0123456789"
	tokenMark = "TESTTOKEN"
)

var update = flag.Bool("update", false, "rewrite what the scripts compare with")

// Each script runs to its end: the commands stop and skip of testscript would end it as if it had passed.
func TestScriptsDoNotEndEarly(t *testing.T) {
	scripts, err := filepath.Glob("../../testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatal("there are no scripts: ", err)
	}
	for _, path := range scripts {
		script, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(script)) {
			if name, _, _ := strings.Cut(strings.TrimSpace(line), " "); name == "stop" || name == "skip" {
				t.Errorf("%s has the command %s", path, name)
			}
		}
	}
}

func TestScripts(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(testToken+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// A subtest, so that the token file outlives the scripts, which run in parallel.
	t.Run("script", func(t *testing.T) {
		testscript.Run(t, testscript.Params{
			Dir:                 "../../testdata/script",
			UpdateScripts:       *update,
			RequireExplicitExec: true,
			RequireUniqueNames:  true,
			Setup: func(env *testscript.Env) error {
				env.Setenv("TOKENFILE", token)
				env.Setenv("GORACE", goRace)
				env.Values[storeKey{}] = &storeOfScript{}
				env.Defer(func() { checkNoToken(t, env.WorkDir) })
				for _, name := range []string{"groups.csv", "mixed.csv"} {
					data, err := os.ReadFile(filepath.Join("../../testdata", name))
					if err != nil {
						return err
					}
					if err := os.WriteFile(filepath.Join(env.WorkDir, name), data, 0o644); err != nil {
						return err
					}
				}
				return nil
			},
			Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
				"exits":    exits,
				"store":    startStore,
				"groups":   printGroups,
				"requests": printRequests,
				"sandbox":  startSandbox,
				"put":      put,
				"age":      age,
			},
		})
	})
}

// checkNoToken checks that no file in the folder of a script contains the token.
func checkNoToken(t *testing.T, dir string) {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(data), tokenMark) {
			t.Errorf("%s contains the token", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// exits CODE COMMAND... runs a command, which must end with the code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	for _, stream := range []string{"stdout", "stderr"} {
		if strings.Contains(ts.ReadFile(stream), tokenMark) {
			ts.Fatalf("%s shows the token", stream)
		}
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
