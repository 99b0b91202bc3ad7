package main

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"groupsync/sync"
)

// advice introduces the next command.
func advice(code int) string {
	switch code {
	case exitNotGood:
		return "correct these rows in the results file, and send them again with"
	case exitInterrupted:
		return "go on with"
	case exitNotStarted:
		return "see"
	default:
		return "once that is mended, go on with"
	}
}

// next is the one command that goes on after a run that ended with code.
func (o *output) next(s sync.Summary, err error, code int) string {
	args := o.world.args[2:]
	_, inTheWay := errors.AsType[*sync.InTheWayError](err)
	inTheWay = inTheWay && len(each(err)) == 1 // else there is more to mend
	_, refused := errors.AsType[*sync.PlanError](err)
	switch {
	case code == exitGood:
		return ""
	case refused:
		return quoted("plan", o.without(args, false, notOfPlan...))
	case code == exitNotStarted && !inTheWay: // nothing can be gone on with
		return quoted("sync", []string{"--help"})
	case o.command.Results == "-":
		return quoted("sync", args)
	case code == exitNotGood:
		only := []string{}
		for _, status := range []sync.Status{sync.Failed, sync.Invalid, sync.NotUpdated} {
			if s.Rows[status] > 0 {
				only = append(only, string(status))
			}
		}
		first := []string{fileArgument(o.job.Results.Path), "--only", strings.Join(only, ",")}
		rest := o.without(args, true, notOfOnly...)
		if o.command.Results != "" && !isGiven(o.line, "results") { // the variable names what is the input now
			rest = append(rest, "--results", fileArgument(resultsOf(o.job.Results.Path, ".results.csv")))
		}
		return quoted("sync", append(first, rest...))
	}
	goOn := append(o.without(args, false, "resume", "overwrite"), "--resume")
	if o.command.Overwrite && !isGiven(o.line, "overwrite") {
		goOn = append(goOn, "--overwrite=false")
	}
	return quoted("sync", goOn)
}

// without is the command's arguments without the flags of these names, and on request without its file.
func (o *output) without(args []string, file bool, names ...string) []string {
	var kept []string
	for i := 0; i < len(args); i++ {
		if args[i] == "--" { // what follows is the file; flags will follow it
			for _, arg := range args[i+1:] {
				if !file {
					kept = append(kept, fileArgument(arg))
				}
			}
			break
		}
		name, isFlag := strings.CutPrefix(args[i], "--")
		name, _, hasValue := strings.Cut(name, "=")
		words := args[i : i+1]
		if isFlag && !hasValue && i+1 < len(args) && o.takesValue(name) {
			words = args[i : i+2]
			i++
		}
		switch {
		case !isFlag && file:
		case isFlag && slices.Contains(names, name):
		default:
			kept = append(kept, words...)
		}
	}
	return kept
}

// fileArgument is a path as it can't be taken for a flag.
func fileArgument(path string) string {
	if len(path) > 1 && path[0] == '-' {
		return "./" + path
	}
	return path
}

// takesValue reports whether the flag's value is the argument behind it.
func (o *output) takesValue(name string) bool {
	for _, flag := range o.line.Flags() {
		if flag.Name == name {
			return !flag.IsBool()
		}
	}
	return false
}

// notOfOnly are the flags that belong to the run before, or to its input: the results have a form of their own.
var notOfOnly = []string{
	"results", "resume", "overwrite", "only", "limit", "expect", "backup", "column", "encoding", "delimiter", "sheet",
}

// notOfPlan are the flags of sync that plan does not have.
var notOfPlan = []string{
	"results", "resume", "overwrite", "limit", "skip-unchanged", "dry-run", "max-changes", "expect", "backup",
	"concurrency", "max-failures", "max-duration", "quiet", "summary", "metrics",
}

// quoted is the command with these arguments as a shell takes it.
func quoted(command string, args []string) string {
	words := []string{"groupsync", command}
	for _, arg := range args {
		arg = withoutPassword(arg)
		switch {
		case strings.ContainsFunc(arg, unicode.IsControl): // a terminal would act on it
			escaped := strconv.QuoteToGraphic(arg)
			arg = "$'" + strings.ReplaceAll(escaped[1:len(escaped)-1], "'", `\'`) + "'"
		case arg == "" || strings.Trim(arg, plain) != "":
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// withoutPassword takes the password out of an address: what is printed may be kept.
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

// plain are the characters that no shell takes for anything else.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,@%+"
