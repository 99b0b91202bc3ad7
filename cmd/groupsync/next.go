package main

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"

	"github.com/alecthomas/kong"
)

// advice introduces the next command after a run that ended with code, because of err unless that is nil.
func advice(code int, err error) string {
	if isChanged(err) {
		return "if a row that is settled was changed as well, use --overwrite instead of --resume; " + changedHint + ", continue with"
	}
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

// changedHint introduces what to do about an input that changed while it was read.
const changedHint = "once no other program writes to the file"

// isChanged reports whether err is of an input that changed while it was read.
func isChanged(err error) bool {
	_, changed := errors.AsType[*groupfile.InputChangedError](err)
	return changed
}

// readAgain adds to the error of a command whose input changed that it can be repeated.
func readAgain(err error) error {
	if !isChanged(err) {
		return err
	}
	return &startError{err: err, advice: changedHint + ", run this command again"}
}

// next returns the one command that continues after a run that ended with code, as a shell takes it; "": there is none.
func (o *output) next(s sync.Summary, err error, code int) string {
	words := o.nextWords(s, err, code)
	if words == nil {
		return ""
	}
	return quoted(words[1], words[2:])
}

// nextWords returns the words of that command, nil if there is none.
func (o *output) nextWords(s sync.Summary, err error, code int) []string {
	_, inTheWay := errors.AsType[*journal.ExistsError](err)
	inTheWay = inTheWay && len(unjoined(err)) == 1 // else there is more to fix
	_, refused := errors.AsType[*sync.PlanError](err)
	_, locked := errors.AsType[*journal.LockedError](err)
	c := o.command
	switch {
	case code == exitGood:
		return nil
	case refused:
		return commandLine("plan", argumentsOf(o.line, unknownTo(o.line, "plan")))
	case code == exitNotStarted && !inTheWay: // nothing can be continued
		return nil
	case c.Results == "-":
		return commandLine("sync", argumentsOf(o.line, none))
	case locked && (c.Resume || c.Overwrite):
		return commandLine("sync", argumentsOf(o.line, none))
	case locked: // by then there will be results
		return commandLine("sync", append(argumentsOf(o.line, none), "--resume"))
	case code == exitNotGood:
		first := retryArguments(o.job.Results.Path, s.Rows)
		rest := argumentsOf(o.line, func(flag *kong.Flag) bool { return flag == nil || flag.Tag.Get("scope") == "run" })
		if c.Results != "" && !isGiven(o.line, "results") { // the variable names what is the input now
			rest = append(rest, "--results", fileArgument(resultsOf(o.job.Results.Path, ".results.csv")))
		}
		return commandLine("sync", append(first, rest...))
	}
	goOn := append(argumentsOf(o.line, named("resume", "overwrite", "limit")), "--resume")
	if c.Overwrite && !isGiven(o.line, "overwrite") {
		goOn = append(goOn, "--overwrite=false")
	}
	return commandLine("sync", goOn)
}

// commandLine returns the words of a command. A password in an address is not among them: they are printed and kept.
func commandLine(command string, args []string) []string {
	words := []string{"groupsync", command}
	for _, arg := range args {
		words = append(words, withoutPassword(arg))
	}
	return words
}

// retryArguments returns the arguments that send the rows again that are not good.
func retryArguments(results string, rows map[journal.Status]int) []string {
	only := []string{}
	for _, status := range []journal.Status{journal.Failed, journal.Invalid, journal.Conflict, journal.NotUpdated} {
		if rows[status] > 0 {
			only = append(only, string(status))
		}
	}
	return []string{fileArgument(results), "--only", strings.Join(only, ",")}
}

// argumentsOf returns the arguments behind the command, as they were given, but for those that omit chooses: it
// gets the flag, or nil for the file.
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
		default: // flags will follow, so that "--" before the file is of no use
			kept = append(kept, fileArgument(words[len(words)-1]))
		}
	}
	return kept
}

// none chooses no argument.
func none(*kong.Flag) bool { return false }

// named returns the function that chooses the flags of these names.
func named(names ...string) func(*kong.Flag) bool {
	return func(flag *kong.Flag) bool { return flag != nil && slices.Contains(names, flag.Name) }
}

// unknownTo returns the function that chooses the flags that another command does not have.
func unknownTo(line *kong.Context, command string) func(*kong.Flag) bool {
	var known []string
	for _, node := range line.Model.Children {
		for _, flag := range node.Flags {
			if node.Name == command {
				known = append(known, flag.Name)
			}
		}
	}
	return func(flag *kong.Flag) bool { return flag != nil && !slices.Contains(known, flag.Name) }
}

// fileArgument is a path as it can't be taken for a flag.
func fileArgument(path string) string {
	if len(path) > 1 && path[0] == '-' {
		return "./" + path
	}
	return path
}

// quoted is the command with these arguments as a shell takes it.
func quoted(command string, args []string) string {
	words := []string{"groupsync", command}
	for _, arg := range args {
		arg = withoutPassword(arg)
		switch {
		case !isPrintable(arg): // a terminal would act on it
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
