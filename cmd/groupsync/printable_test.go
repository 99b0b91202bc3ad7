package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groupsync/ecwid/ecwidtest"
)

func TestPrintable(t *testing.T) {
	for _, c := range []struct{ what, text, want string }{
		{"letters of any language, emoji", "Großkunden, оптовые, 大口, عملاء 👩\u200d👩 \"x\" \\ '", "Großkunden, оптовые, 大口, عملاء 👩\u200d👩 \"x\" \\ '"},
		{"an escape sequence", "a\x1b]0;title\x07b", `a\x1b]0;title\ab`},
		{"a forged line", "a\r\nERR b\tc", `a\r\nERR b\tc`},
		{"a C1 control character", "a\u009b2Jb", `a\u009b2Jb`},
		{"DEL and NUL", "a\x7f\x00", `a\x7f\x00`},
		{"writing from right to left", "a\u202egpj.exe\u2066b\u200f", `a\u202egpj.exe\u2066b\u200f`},
		{"line separators", "a\u2028b\u2029c", `a\u2028b\u2029c`},
		{"bytes that are not UTF-8", "a\xff\x9bb", `a\xff\x9bb`},
		{"the replacement character itself", "a\ufffdb", "a\ufffdb"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := printable(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// hostile is text that would set the title of a terminal, forge a line and change the direction of writing.
const hostile = "x\x1b]0;title\x07\u009b2J\u202e\nERR forged"

// Hostile names of files and flags, and hostile errors, are printed on one line, and without control characters.
func TestOutputIsPrintable(t *testing.T) {
	server := ecwidtest.NewServer(ecwidtest.Options{Token: testToken, AnyGroup: true, Fault: func(r ecwidtest.Request) ecwidtest.Fault {
		if r.Method == http.MethodGet {
			return ecwidtest.Fault{}
		}
		return ecwidtest.Status(http.StatusUnprocessableEntity, hostile, hostile)
	}})
	defer server.Close()
	t.Setenv("ECWID_API_URL", server.URL)
	t.Setenv("ECWID_STORE_ID", server.Store())
	t.Setenv("ECWID_TOKEN", testToken)
	dir := t.TempDir()
	t.Chdir(dir)
	input := hostile + ".csv"
	if err := os.WriteFile(filepath.Join(dir, input), []byte("groupId,name\n1,a\n\x1b,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		args []string
		code int
		show string
	}{
		{"a run", []string{"sync", "--log-format", "console", "--log-level", "debug", input}, exitNotGood, `x\x1b]0;title\a\u009b2J\u202e\nERR forged.csv: done`},
		{"a quiet run", []string{"sync", "--quiet", "--overwrite", input}, exitNotGood, `x\x1b]0;title\a`},
		{"results that exist", []string{"sync", input}, exitNotStarted, `x\x1b]0;title\a\u009b2J\u202e\nERR forged`},
		{"a plan", []string{"plan", input}, exitNotGood, `x\x1b]0;title\a\u009b2J\u202e\nERR forged.csv against store`},
		{"a check", []string{"check", input}, exitNotGood, `x\x1b]0;title\a\u009b2J\u202e\nERR forged.csv: CSV`},
		{"another plan", []string{"sync", "--results", "r.csv", "--expect", hostile, input}, exitNotStarted, `\x1b]0;title\a`},
		{"no such file", []string{"sync", hostile}, exitNotStarted, `x\x1b]0;title\a\u009b2J\u202e\nERR forged`},
		{"no such flag", []string{"sync", "--" + hostile, input}, exitNotStarted, `unknown flag --x\x1b]0;title\a\u009b2J\u202e\nERR forged`},
		{"no such command", []string{hostile}, exitNotStarted, `x\x1b]0;title\a\u009b2J\u202e\nERR forged`},
		{"no such rate", []string{"sync", "--rate", hostile, input}, exitNotStarted, `\x1b]0;title\a`},
		{"no such key", []string{"sync", "--key", hostile, input}, exitNotStarted, `\x1b]0;title\a`},
	} {
		t.Run(c.what, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), append([]string{"groupsync"}, c.args...), os.Getenv, strings.NewReader(""), &stdout, &stderr)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			told := stdout.String() + stderr.String()
			if !strings.Contains(told, c.show) {
				t.Errorf("the output lacks %s", c.show)
			}
			for line := range strings.Lines(told) {
				if !isPrintable(strings.TrimSuffix(line, "\n")) || strings.HasPrefix(line, "ERR forged") {
					t.Errorf("the output has the line %q", line)
				}
			}
			if t.Failed() {
				t.Logf("%q", told)
			}
		})
	}
}
