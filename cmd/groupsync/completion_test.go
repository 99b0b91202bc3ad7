package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// completionScript returns the path of the printed completion script, in a folder with two files and a folder.
func completionScript(t *testing.T, shell string) string {
	t.Helper()
	dir := t.TempDir()
	var script bytes.Buffer
	if code := run(t.Context(), []string{"groupsync", "completion", shell}, os.Getenv, strings.NewReader(""), &script, io.Discard); code != exitGood {
		t.Fatalf("exit code %d", code)
	}
	for _, name := range []string{"groups.csv", "other file.csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "results"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "script")
	if err := os.WriteFile(path, script.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// shellLines returns the lines that a shell prints in the folder of the completion script. It returns false if the shell
// is not installed.
func shellLines(t *testing.T, script string, args ...string) ([]string, bool) {
	t.Helper()
	if _, err := exec.LookPath(args[0]); err != nil {
		t.Logf("%s is not installed: its completion is not tested", args[0])
		return nil, false
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Dir = filepath.Dir(script)
	command.Env = append(os.Environ(), "HOME="+command.Dir, "XDG_CONFIG_HOME="+command.Dir, "XDG_DATA_HOME="+command.Dir, "TERM=dumb")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil || stderr.Len() > 0 {
		t.Errorf("%q ends with %v: %s", args, err, &stderr)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"), true
}

func TestCompletionInBash(t *testing.T) {
	script := completionScript(t, "bash")
	const files = "" // bash completes them itself, as long as the script does not turn that off
	for words, want := range map[string]string{
		"ti":                         "compopt +o default|tidy-results",
		"sync --bl":                  "compopt +o default|--blank",
		"sync --blank c":             "compopt +o default|clear",
		"sync --blank =":             "compopt +o default|keep|clear",
		"sync --blank = k":           "compopt +o default|keep",
		"sync --quiet --log-level i": "compopt +o default|info",
		"sync --store 1":             "compopt +o default",
		"sync gr":                    files,
		"sync --summary gr":          files,
		"sync --summary = gr":        files,
		"tidy-results r":             "compopt +o default|compopt -o dirnames",
		"completion f":               "compopt +o default|fish",
		"version ":                   "compopt +o default",
		"help ti":                    "compopt +o default|tidy-results",
		"--vers":                     "compopt +o default|--version",
		"unknown --":                 "compopt +o default",
	} {
		args := append([]string{"bash", "--norc", "-c", bashTry, "bash"}, strings.Split(words, " ")...)
		lines, ok := shellLines(t, script, args...)
		if !ok {
			return
		}
		if strings.Join(lines, "|") != want {
			t.Errorf("%s is completed as %q, want %q", words, lines, want)
		}
	}
}

// bashTry completes its arguments like bash, and prints the result of the script.
const bashTry = `source ./script
compopt() { echo "compopt $*"; }
COMP_WORDS=(groupsync "$@") COMP_CWORD=$#
_groupsync
((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"`

func TestCompletionInFish(t *testing.T) {
	script := completionScript(t, "fish")
	for line, want := range map[string]string{
		"ti":                "tidy-results",
		"sync --bl":         "--blank",
		"sync --blank ":     "clear|keep",
		"sync --blank=k":    "--blank=keep",
		"sync --store ":     "",
		"sync gr":           "groups.csv",
		"sync --summary gr": "groups.csv",
		"tidy-results re":   "results/",
		"completion f":      "fish",
		"help ti":           "tidy-results",
		"--vers":            "--version",
	} {
		lines, ok := shellLines(t, script, "fish", "--no-config", "-c", "source ./script; complete -C $argv[1]", "groupsync "+line)
		if !ok {
			return
		}
		var got []string
		for _, candidate := range lines {
			word, _, _ := strings.Cut(candidate, "\t")
			got = append(got, word)
		}
		slices.Sort(got)
		if strings.Join(got, "|") != want {
			t.Errorf("%s is completed as %q, want %q", line, got, want)
		}
	}
}

// zshTry types each argument into an interactive zsh, presses Tab, and prints the resulting line.
const zshTry = `zmodload zsh/zpty
mkfifo lines
exec 3<>lines
zpty shell zsh -f -i
zpty -w shell "PS1= PS2=; unset zle_bracketed_paste; unsetopt beep auto_menu; autoload -Uz compinit; compinit -D; source ./script
	show() { print -r -- \"\$BUFFER\" >&3; BUFFER= }; zle -N show; bindkey '^T' show; bindkey '^I' complete-word; exec 3>lines"
for line; do
	zpty -w -n shell "$line"$'\t\x14'
	read -r -u 3 after
	print -r -- "$after"
done
zpty -d shell
`

func TestCompletionInZsh(t *testing.T) {
	script := completionScript(t, "zsh")
	cases := [][2]string{
		{"groupsync ti", "groupsync tidy-results"},
		{"groupsync sync --bl", "groupsync sync --blank="},
		{"groupsync sync --blank=k", "groupsync sync --blank=keep"},
		{"groupsync sync --blank c", "groupsync sync --blank clear"},
		{"groupsync sync --store gr", "groupsync sync --store gr"},
		{"groupsync sync gr", "groupsync sync groups.csv"},
		{"groupsync sync --summary=oth", `groupsync sync --summary=other\ file.csv`},
		{"groupsync tidy-results r", "groupsync tidy-results results/"},
		{"groupsync completion f", "groupsync completion fish"},
		{"groupsync help ti", "groupsync help tidy-results"},
		{"groupsync --vers", "groupsync --version"},
	}
	args := []string{"zsh", "-f", "-c", zshTry, "zsh"}
	for _, c := range cases {
		args = append(args, c[0])
	}
	lines, ok := shellLines(t, script, args...)
	if !ok {
		return
	}
	if len(lines) != len(cases) {
		t.Fatalf("zsh printed %q", lines)
	}
	for i, c := range cases {
		if got := strings.TrimSpace(lines[i]); got != c[1] {
			t.Errorf("%s becomes %q, want %q", c[0], got, c[1])
		}
	}
}

// The manual page has every flag of every command, and groff reports no error.
func TestManPage(t *testing.T) {
	page, err := os.ReadFile(completionScript(t, "man"))
	if err != nil {
		t.Fatal(err)
	}
	var flags cli
	parser, err := kong.New(&flags, kong.Vars{"api": "https://api"})
	if err != nil {
		t.Fatal(err)
	}
	sections := strings.Split(string(page), "\n.SS ")
	for i, node := range parser.Model.Leaves(true) {
		if !strings.HasPrefix(sections[i+1], `"`+roff(node.Name)) {
			t.Errorf("section %d is not %s", i, node.Name)
		}
		for _, flag := range node.Flags {
			if !strings.Contains(sections[i+1], roff("--"+flag.Name)) {
				t.Errorf("%s lacks --%s", node.Name, flag.Name)
			}
		}
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Log("groff is not installed: the manual page is not formatted")
		return
	}
	command := exec.CommandContext(t.Context(), groff, "-man", "-ww", "-z")
	command.Stdin = bytes.NewReader(page)
	if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("groff ends with %v: %s", err, out)
	}
}
