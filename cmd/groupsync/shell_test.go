package main

import (
	"os/exec"
	"runtime"
	"testing"
)

func TestShellQuote(t *testing.T) {
	type quoted struct{ posix, power, windowsPower, prompt string }
	same := func(s string) quoted { return quoted{s, s, s, s} }
	for arg, want := range map[string]quoted{
		"groups.csv":        same("groups.csv"),
		"./-g.csv":          same("./-g.csv"),
		"--resume":          same("--resume"),
		"--rate=60/m":       same("--rate=60/m"),
		`C:\shop\g.csv`:     {`'C:\shop\g.csv'`, `C:\shop\g.csv`, `C:\shop\g.csv`, `C:\shop\g.csv`},
		"":                  {`''`, `''`, `'""'`, `""`},
		"my groups.csv":     {"'my groups.csv'", "'my groups.csv'", "'my groups.csv'", `"my groups.csv"`},
		"failed,invalid":    {"failed,invalid", "'failed,invalid'", "'failed,invalid'", `"failed,invalid"`},
		"5%":                {"5%", "'5%'", "'5%'", `^"5^%^"`},
		"%PATH%":            {"%PATH%", "'%PATH%'", "'%PATH%'", `^"^%PATH^%^"`},
		"$HOME":             {"'$HOME'", "'$HOME'", "'$HOME'", `"$HOME"`},
		"a&b":               {"'a&b'", "'a&b'", "'a&b'", `"a&b"`},
		"a!b":               {"'a!b'", "'a!b'", "'a!b'", `^"a^!b^"`},
		";":                 {"';'", "';'", "';'", `";"`},
		"it's":              {`'it'\''s'`, "'it''s'", "'it''s'", `"it's"`},
		"it’s":              {`'it’s'`, "'it’’s'", "'it’’s'", `"it’s"`},
		`name=a "b" & c`:    {`'name=a "b" & c'`, `'name=a "b" & c'`, `'name=a \"b\" & c'`, `^"name=a \^"b\^" ^& c^"`},
		`a\"b`:              {`'a\"b'`, `'a\"b'`, `'a\\\"b'`, `^"a\\\^"b^"`},
		`C:\my shop\`:       {`'C:\my shop\'`, `'C:\my shop\'`, `'C:\my shop\\'`, `"C:\my shop\\"`},
		"--max-outage=1.5h": {"--max-outage=1.5h", "'--max-outage=1.5h'", "'--max-outage=1.5h'", "--max-outage=1.5h"},
		"g\x1b'$\n.csv":     {`$'g\x1b\'$\n.csv'`, "\"g$([char]27)'`$$([char]10).csv\"", "\"g$([char]27)'`$$([char]10).csv\"", `"g[control character U+001B]'$[line break].csv"`},
		"Größe.csv":         {"'Größe.csv'", "'Größe.csv'", "'Größe.csv'", `"Größe.csv"`},
	} {
		got := quoted{posixShell.quote(arg), powerShell.quote(arg), windowsPowerShell.quote(arg), commandPrompt.quote(arg)}
		if got != want {
			t.Errorf("%q:\n got %+v\nwant %+v", arg, got, want)
		}
		if runtime.GOOS == "windows" {
			continue
		}
		bash, err := exec.LookPath("bash")
		if err != nil {
			continue
		}
		if out, err := exec.Command(bash, "-c", "printf %s "+got.posix).Output(); err != nil || string(out) != arg {
			t.Errorf("bash passes %q on as %q, %v", arg, out, err)
		}
	}
}

func TestShellSetVariable(t *testing.T) {
	for s, want := range map[shell][2]string{
		posixShell:        {"export ECWID_TOKEN=secret_x", "export ECWID_TOKEN_FILE="},
		powerShell:        {"$env:ECWID_TOKEN = 'secret_x'", "$env:ECWID_TOKEN_FILE = ''"},
		windowsPowerShell: {"$env:ECWID_TOKEN = 'secret_x'", "$env:ECWID_TOKEN_FILE = ''"},
		commandPrompt:     {`set "ECWID_TOKEN=secret_x"`, `set "ECWID_TOKEN_FILE="`},
	} {
		if got := [2]string{s.setVariable("ECWID_TOKEN", "secret_x"), s.setVariable("ECWID_TOKEN_FILE", "")}; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
