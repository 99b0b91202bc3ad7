package main

import (
	"strings"
	"testing"

	"groupsync/sync"
	"groupsync/sync/journal"

	"github.com/alecthomas/kong"
)

func TestNext(t *testing.T) {
	bad := sync.Summary{Rows: map[journal.Status]int{journal.Updated: 5, journal.Invalid: 2, journal.Failed: 1}}
	tests := []struct {
		name string
		args string
		s    sync.Summary
		code int
		want string
	}{
		{"every row is good", "g.csv", sync.Summary{}, exitGood, ""},
		{"bad rows", "g.csv", bad, exitNotGood, "groupsync sync g.csv --retry"},
		{"the store and the rate are kept", "--store 42 g.csv --rate=60/m", bad, exitNotGood, "groupsync sync --store 42 g.csv --rate=60/m --retry"},
		{"flags for one run are dropped", "--limit 7 g.csv --results x.csv --overwrite --expect 1234", bad, exitNotGood, "groupsync sync g.csv --results x.csv --retry"},
		{"a resumed run is retried", "g.csv --resume", bad, exitNotGood, "groupsync sync g.csv --retry"},
		{"a retry that was interrupted", "g.csv --retry --limit 5", bad, exitInterrupted, "groupsync sync g.csv --retry"},
		{"flags for reading the input are kept", "--column name=Kd --encoding=utf-16 --delimiter ; --sheet 2 --tidy --key name g.xlsx", bad, exitNotGood, "groupsync sync --column name=Kd --encoding=utf-16 --delimiter ';' --sheet 2 --tidy --key name g.xlsx --retry"},
		{"interrupted", "g.csv --store 42 --overwrite", bad, exitInterrupted, "groupsync sync g.csv --store 42 --resume"},
		{"interrupted again", "g.csv --resume --limit 5", bad, exitInterrupted, "groupsync sync g.csv --resume"},
		{"refused", "g.csv", bad, exitStopped, "groupsync sync g.csv --resume"},
		{"not started", "g.csv --overwrite", bad, exitNotStarted, ""},
		{"a name that looks like a flag", "--tidy -- -g.csv", bad, exitInterrupted, "groupsync sync --tidy ./-g.csv --resume"},
		{"a name that looks like a flag, with bad rows", "--store 42 -- -g.csv", bad, exitNotGood, "groupsync sync --store 42 ./-g.csv --retry"},
		{"no password", "g.csv --metrics=http://me:secret@host/ --metrics http://me:secret@host:9091", bad, exitInterrupted, "groupsync sync g.csv --metrics=http://me:xxxxx@host/ --metrics http://me:xxxxx@host:9091 --resume"},
		{"control characters", "g\x1b'\n.csv", bad, exitInterrupted, `groupsync sync $'g\x1b\'\n.csv' --resume`},
		{"a name with a space", "my_file.csv --store 42", bad, exitInterrupted, "groupsync sync 'my file.csv' --store 42 --resume"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			args := strings.Split(test.args, " ")
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "my_file", "my file")
			}
			o := outputOf(t, args)
			if got := o.next(test.s, nil, test.code); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	for args, want := range map[string]string{
		"g.csv --limit 5":      "groupsync sync g.csv --limit 5 --resume",
		"g.csv --resume":       "groupsync sync g.csv --resume",
		"--overwrite -- g.csv": "groupsync sync --overwrite g.csv",
	} {
		// Another run is writing: the command repeats this run, and resumes the results of the other one.
		o := outputOf(t, strings.Split(args, " "))
		if got := o.next(sync.Summary{}, &journal.LockedError{Path: "RESULTS"}, exitInterrupted); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// If the results are open in Excel, the exit code is 4, and the next command repeats the run or, if the run had begun,
// continues it.
func TestNextAfterResultsInUse(t *testing.T) {
	inUse := &journal.InUseError{Path: "RESULTS", Err: journal.ErrInUse}
	for _, c := range []struct {
		args string
		err  error
		want string
	}{
		{"g.csv --overwrite", inUse, "groupsync sync g.csv --overwrite"},
		{"g.csv --overwrite", &sync.InterruptedError{Err: inUse}, "groupsync sync g.csv --resume"},
		{"g.csv --retry", &sync.InterruptedError{Err: inUse}, "groupsync sync g.csv --retry"},
	} {
		code := exitCodeOfRun(sync.Summary{}, c.err)
		if got := outputOf(t, strings.Split(c.args, " ")).next(sync.Summary{}, c.err, code); code != exitInterrupted || got != c.want {
			t.Errorf("%s: got %d and %s, want %s", c.args, code, got, c.want)
		}
		if advice(code, c.err) != "continue with" {
			t.Errorf("%s: the advice is %q", c.args, advice(code, c.err))
		}
	}
}

// outputOf returns the output of a run with these arguments.
func outputOf(t *testing.T, args []string) *output {
	t.Helper()
	var flags cli
	parser, err := kong.New(&flags, kong.Vars{"api": "https://api"})
	if err != nil {
		t.Fatal(err)
	}
	line, err := parser.Parse(append([]string{"sync"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	return &output{program: &program{}, line: line, command: &flags.Sync, job: &sync.Job{Results: journal.Results{Path: "RESULTS"}}}
}
