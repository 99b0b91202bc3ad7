package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"groupsync/ecwid/ecwidtest"

	"github.com/alecthomas/kong"
)

// TestReadme runs the README's commands in blocks marked sh, one after the other, in a copy of the repository and
// against an emulated store.
func TestReadme(t *testing.T) {
	clone := cloned(t)
	store := sandboxStore()
	store.Token = testToken
	server := ecwidtest.NewServer(store)
	defer server.Close()

	shell := exec.CommandContext(t.Context(), "sh", "-eux", "-c", readmeCommands(t))
	shell.Dir = clone
	shell.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "ECWID_") || strings.HasPrefix(v, "GROUPSYNC_")
	})
	shell.Env = append(shell.Env, "ECWID_API_URL="+server.URL, "PATH="+clone+string(os.PathListSeparator)+os.Getenv("PATH"))
	shell.Stdin = strings.NewReader(testToken + "\n") // what a person pastes after "cat"
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	if strings.Contains(string(out), tokenMark) {
		t.Errorf("the output shows the token:\n%s", out)
	}
	if g := server.Groups()[2]; g.Name != "Wholesale, domestic" || g.ExternalReferenceID != "erp-0002" {
		t.Errorf("the store holds %+v", g)
	}
	for name, want := range map[string]int{"testdata/groups.sandbox.results.csv": 12, "groups.results.csv": 3} {
		data, err := os.ReadFile(filepath.Join(clone, name))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(data), ",updated,1,200,1,,"); n != want {
			t.Errorf("%s has %d rows updated, want %d:\n%s", name, n, want, data)
		}
	}
	runConsoleBlocks(t, clone, shell.Env)
}

// cloned returns a copy of the files of the repository that the README's commands need.
func cloned(t *testing.T) string {
	clone := t.TempDir()
	for _, name := range []string{"cmd", "ecwid", "sync", "testdata"} {
		if err := os.CopyFS(filepath.Join(clone, name), os.DirFS(filepath.Join("../..", name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(clone, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return clone
}

// runConsoleBlocks runs the commands of the README's blocks marked console, in the same folder and with the same
// variables, against the sandbox, as if the lines that it prints had been pasted. It compares the output with the blocks.
func runConsoleBlocks(t *testing.T, dir string, env []string) {
	sandbox := exec.CommandContext(t.Context(), filepath.Join(dir, "groupsync"), "sandbox")
	sandbox.Env = env
	out, err := sandbox.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := sandbox.Start(); err != nil {
		t.Fatal(err)
	}
	defer sandbox.Wait()
	defer sandbox.Process.Kill()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(readme)) {
		if setting, ok := strings.CutPrefix(strings.TrimSpace(line), "export "); ok {
			env = append(env, setting)
		}
	}
	lines := bufio.NewScanner(out)
	for range 4 {
		lines.Scan()
		env = append(env, strings.TrimPrefix(lines.Text(), "export "))
	}
	commands := 0
	for _, block := range strings.Split(string(readme), "\n```console\n")[1:] {
		block, _, _ = strings.Cut(block, "```\n")
		for _, step := range strings.Split("\n"+block, "\n$ ")[1:] {
			command, want, _ := strings.Cut(step, "\n")
			shell := exec.CommandContext(t.Context(), "sh", "-c", command)
			shell.Dir, shell.Env = dir, env
			out, err := shell.CombinedOutput()
			if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
				t.Fatal(err)
			}
			if got := strings.TrimSpace(string(out)); got != strings.TrimSpace(want) {
				t.Errorf("%s\nprints (exit code %d)\n%s\nwant\n%s", command, shell.ProcessState.ExitCode(), got, want)
			}
			commands++
		}
	}
	if commands < 5 {
		t.Errorf("the README has %d of these commands", commands)
	}
}

// readmeCommands returns the sh blocks of the README as one script.
func readmeCommands(t *testing.T) string {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	fence := ""
	for line := range strings.Lines(string(readme)) {
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		command := strings.TrimPrefix(line, indent)
		switch {
		case fence == "" && strings.HasPrefix(command, "```"):
			fence = strings.TrimSpace(command)
		case strings.HasPrefix(command, "```"):
			fence = ""
		case fence != "```sh", command == "go test ./...\n": // it would run this test again
		case strings.Contains(command, "--limit"):
			script.WriteString(strings.TrimSpace(command) + " || test $? = 4\n")
		default:
			script.WriteString(command)
		}
	}
	return script.String()
}

// The README's table of settings has a row for each flag of sync, with its variable.
func TestReadmeSettings(t *testing.T) {
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(data)
	var flags cli
	parser, err := kong.New(&flags, kong.Vars{"api": "https://api"})
	if err != nil {
		t.Fatal(err)
	}
	commands := parser.Model.Children
	sync := commands[slices.IndexFunc(commands, func(n *kong.Node) bool { return n.Name == "sync" })]
	for _, flag := range sync.Flags {
		row := fmt.Sprintf("\n| `--%s` | ", flag.Name)
		if len(flag.Envs) > 0 {
			row += "`" + flag.Envs[0] + "` |"
		}
		if !strings.Contains(readme, row) {
			t.Errorf("the README has no row %q", row)
		}
	}
}
