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
		{"an escape sequence", "a\x1b]0;title\x07b", `a[control character U+001B]]0;title[control character U+0007]b`},
		{"a forged line", "a\r\nERR b\tc", `a[line break][line break]ERR b[tab]c`},
		{"a C1 control character", "a\u009b2Jb", `a[control character U+009B]2Jb`},
		{"DEL and NUL", "a\x7f\x00", `a[control character U+007F][control character U+0000]`},
		{"writing from right to left", "a\u202egpj.exe\u2066b\u200f", `a[text direction mark U+202E]gpj.exe[text direction mark U+2066]b[text direction mark U+200F]`},
		{"line separators", "a\u2028b\u2029c", `a[line break]b[line break]c`},
		{"bytes that are not UTF-8", "a\xff\x9bb", `a[byte FF][byte 9B]b`},
		{"the replacement character itself", "a\ufffdb", "a\ufffdb"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := printable(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

const (
	// hostile is text that would set the title of a terminal, forge a line and change the direction of text.
	hostile = "x\x1b]0;title\x07\u009b2J\u202e\nERR forged"
	// hostileShown is how messages show it.
	hostileShown = "x[control character U+001B]]0;title[control character U+0007][control character U+009B]2J[text direction mark U+202E][line break]ERR forged"
)

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
		{"a run", []string{"sync", "--log-format", "console", "--log-level", "debug", input}, exitNotGood, hostileShown + ".csv: done"},
		{"a quiet run", []string{"sync", "--quiet", "--overwrite", input}, exitNotGood, hostileShown},
		{"results that exist", []string{"sync", input}, exitNotStarted, hostileShown},
		{"a plan", []string{"plan", input}, exitNotGood, hostileShown + ".csv against store"},
		{"a check", []string{"check", input}, exitNotGood, hostileShown + ".csv: CSV"},
		{"another plan", []string{"sync", "--results", "r.csv", "--expect", hostile, input}, exitNotStarted, `\x1b]0;title\a`},
		{"no such file", []string{"sync", hostile}, exitNotStarted, hostileShown},
		{"no such flag", []string{"sync", "--" + hostile, input}, exitNotStarted, "unknown flag --" + hostileShown},
		{"no such command", []string{hostile}, exitNotStarted, hostileShown},
		{"no such rate", []string{"sync", "--rate", hostile, input}, exitNotStarted, hostileShown},
		{"no such key", []string{"sync", "--key", hostile, input}, exitNotStarted, `\x1b]0;title\a`},
	} {
		t.Run(c.what, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), append([]string{"groupsync"}, c.args...), os.Getenv, strings.NewReader(""), &stdout, &stderr)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			printed := stdout.String() + stderr.String()
			if !strings.Contains(printed, c.show) {
				t.Errorf("the output lacks %s", c.show)
			}
			for line := range strings.Lines(printed) {
				if !isPrintable(strings.TrimSuffix(line, "\n")) || strings.HasPrefix(line, "ERR forged") {
					t.Errorf("the output has the line %q", line)
				}
			}
			if t.Failed() {
				t.Logf("%q", printed)
			}
		})
	}
}
