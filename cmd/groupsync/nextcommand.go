package main

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"groupsync/ecwid"
	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"

	"github.com/alecthomas/kong"
)

// advice returns the words that introduce the next command after a run that ended with code and err.
func advice(code int, err error) string {
	if isChanged(err) {
		return changedHint + ", continue with"
	}
	switch code {
	case exitNotGood:
		return "correct these rows in the input file, and send them again with"
	case exitInterrupted:
		return "continue with"
	case exitNotStarted:
		return "see"
	}
	if tooManyFailures(err) {
		return "correct the failed rows in the input file, and continue with"
	}
	if neverReached(err) {
		return "after fixing that, start again with"
	}
	return "after fixing that, continue with"
}

// tooManyFailures reports whether err ended a run because of failed rows.
func tooManyFailures(err error) bool {
	_, failures := errors.AsType[*sync.FailuresError](err)
	return failures
}

// neverReached reports whether err ended a run that could not connect to the store even once. Such a run leaves no
// results to continue.
func neverReached(err error) bool {
	_, stopped := errors.AsType[*sync.StoppedError](err)
	return stopped && errors.Is(err, ecwid.ErrUnreachable)
}

// changedHint says when to read an input again that changed while it was read.
const changedHint = "once no other program is writing to the file"

// isChanged reports whether err says that the input changed while it was read.
func isChanged(err error) bool {
	_, changed := errors.AsType[*groupfile.InputChangedError](err)
	return changed
}

// readAgain returns err with the advice to repeat the command if its input changed.
func readAgain(err error) error {
	if !isChanged(err) {
		return err
	}
	return &startError{err: err, advice: changedHint + ", run this command again"}
}

// next returns the command that continues after a run that ended with code, quoted for the shell, or "".
func (o *output) next(s sync.Summary, err error, code int) string {
	words := o.nextWords(s, err, code)
	if words == nil {
		return ""
	}
	return o.program.shell.commandLine(words)
}

// nextWords returns the words of that command, or nil.
func (o *output) nextWords(s sync.Summary, err error, code int) []string {
	_, exists := errors.AsType[*journal.ExistsError](err)
	exists = exists && len(unjoined(err)) == 1 // otherwise there is more to fix
	_, refused := errors.AsType[*sync.PlanError](err)
	_, locked := errors.AsType[*journal.LockedError](err)
	_, edited := errors.AsType[*journal.MismatchError](err)
	_, interrupted := errors.AsType[*sync.InterruptedError](err)
	c := o.command
	switch {
	case code == exitGood:
		return nil
	case refused:
		return commandWords("plan", argumentsOf(o.line, o.unknownTo("plan")))
	case code == exitNotStarted && !exists && !edited: // nothing can be continued
		return nil
	case c.Results == "-":
		return commandWords("sync", argumentsOf(o.line, none))
	case locked && (c.Resume || c.Retry || c.Overwrite):
		return commandWords("sync", argumentsOf(o.line, none))
	case locked: // the other run will leave results
		return commandWords("sync", append(argumentsOf(o.line, none), "--resume"))
	case journal.IsInUse(err) && !interrupted, neverReached(err): // the run did not begin
		return commandWords("sync", argumentsOf(o.line, none))
	case code == exitNotGood, c.Retry, isChanged(err), edited, tooManyFailures(err):
		return commandWords("sync", o.continued("retry", "expect"))
	}
	return commandWords("sync", o.continued("resume"))
}

// continued returns the arguments of the command that continues with a flag, without the flags that were for this run
// alone.
func (o *output) continued(flag string, omit ...string) []string {
	exclusive := []string{"resume", "retry", "overwrite"}
	all := append(argumentsOf(o.line, named(append(append(omit, "limit"), exclusive...)...)), "--"+flag)
	for _, f := range o.line.Flags() {
		isSet := slices.Contains(exclusive, f.Name) && o.line.FlagValue(f) == true
		if isSet && f.Name != flag && !isGiven(o.line, f.Name) { // by a variable
			all = append(all, "--"+f.Name+"=false")
		}
	}
	return all
}

// columnsAdvice returns advice with a command that names the columns that were not found in the header, or "" if err is
// another error.
func (p *program) columnsAdvice(line *kong.Context, command string, err error) string {
	header, ok := errors.AsType[*groupfile.HeaderError](err)
	_, ofBase := errors.AsType[*baseColumnsError](err)
	if !ok || ofBase || len(header.Missing) == 0 || len(unjoined(err)) > 1 {
		return ""
	}
	args := argumentsOf(line, none)
	for _, column := range header.Missing {
		args = append(args, "--column", column+"=…")
	}
	return "run this command with the name of a column in place of each …: " + p.shell.commandLine(commandWords(command, args))
}

// commandWords returns the words of a command. They are printed and may be stored, so addresses have no password.
func commandWords(command string, args []string) []string {
	words := []string{"groupsync", command}
	for _, arg := range args {
		words = append(words, withoutPassword(arg))
	}
	return words
}

// argumentsOf returns the arguments after the command, as they were given, without those that omit selects. omit is
// called with each flag, and with nil for the file.
func argumentsOf(line *kong.Context, omit func(*kong.Flag) bool) []string {
	var kept []string
	rest := line.Args
	for _, element := range line.Path {
		if element.Resolved { // from the environment
			continue
		}
		words := rest[:len(rest)-len(element.Remainder())]
		rest = rest[len(words):]
		switch {
		case element.Flag == nil && element.Positional == nil, omit(element.Flag):
		case element.Flag != nil:
			kept = append(kept, words...)
		default: // without "--", because flags may follow
			kept = append(kept, fileArgument(words[len(words)-1]))
		}
	}
	return kept
}

// none selects no argument.
func none(*kong.Flag) bool { return false }

// named returns a function that selects the flags with these names.
func named(names ...string) func(*kong.Flag) bool {
	return func(flag *kong.Flag) bool { return flag != nil && slices.Contains(names, flag.Name) }
}

// unknownTo returns a function that selects the flags that another command does not have.
func (o *output) unknownTo(command string) func(*kong.Flag) bool {
	var known []string
	for _, flag := range o.program.newParser(grammar([]string{"groupsync", command})).Model.Children[0].Flags {
		known = append(known, flag.Name)
	}
	return func(flag *kong.Flag) bool { return flag != nil && !slices.Contains(known, flag.Name) }
}

// fileArgument returns a path in a form that cannot be mistaken for a flag.
func fileArgument(path string) string {
	if len(path) > 1 && path[0] == '-' {
		return "./" + path
	}
	return path
}

// withoutPassword returns an argument without the password of an address, because printed commands may be logged.
func withoutPassword(arg string) string {
	flag, address, ok := strings.Cut(arg, "=")
	if !ok || !strings.HasPrefix(flag, "--") {
		flag, address = "", arg
	}
	if u, err := url.Parse(address); err == nil && u.User != nil {
		return strings.TrimSuffix(arg, address) + u.Redacted()
	}
	return arg
}
