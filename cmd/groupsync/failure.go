package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"groupsync/sync"
	"groupsync/sync/journal"

	"github.com/alecthomas/kong"
	"github.com/rs/zerolog"
)

// startError is an error before a run began, with advice for a person and the command that continues, if there is one.
type startError struct {
	err    error
	advice string
	next   string
}

func (e *startError) Error() string { return e.err.Error() }
func (e *startError) Unwrap() error { return e.err }

// notRead returns the error of a command that could not start, as [notStarted] does. If the header of the input lacks
// columns, the advice is the command that names them.
func (p *program) notRead(ctx context.Context, err error, command string, line *kong.Context) error {
	if advice := p.columnsAdvice(line, command, err); ctx.Err() == nil && advice != "" {
		return &startError{err: err, advice: advice}
	}
	return notStarted(ctx, err, command)
}

// notStarted returns the error of a command that could not start, with the advice to see its help. After a signal, it
// returns the signal without advice.
func notStarted(ctx context.Context, err error, command string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if isChanged(err) {
		return readAgain(err)
	}
	return &startError{err: err, advice: advice(exitNotStarted, nil) + ": groupsync " + command + " --help"}
}

// couldNotStart reports whether a run could not start, so that there is nothing to summarize.
func (o *output) couldNotStart(err error, code int) bool {
	_, locked := errors.AsType[*journal.LockedError](err)
	return locked || code == exitNotStarted || code == exitBug || o.job == nil
}

// report prints the error of a command, and returns the exit code. A command whose error is an [exitCode]
// has printed everything already.
func (p *program) report(err error) int {
	if err == nil {
		return exitGood
	}
	if code, ok := errors.AsType[exitCode](err); ok {
		return int(code)
	}
	start, ok := errors.AsType[*startError](err)
	if !ok {
		start = &startError{err: err}
	}
	if panicked, ok := errors.AsType[*sync.PanicError](err); ok {
		return p.reportPanic(panicked.Error(), panicked.Stack, start.advice)
	}
	code := exitCodeOf(start.err)
	p.printError(code, explanations(start.err), start.advice, start.next)
	return code
}

// reportUsage prints an error in the command line, and returns the exit code.
func (p *program) reportUsage(err error) int {
	message, command := plainUsage(err.Error()), commandOf(err)
	if command == "" {
		message = regexp.MustCompile(`^unexpected argument (.*?)(, did you mean .*)?$`).ReplaceAllString(message, `unknown command "$1"$2`)
	}
	p.printError(exitNotStarted, []string{withoutTokens(message, p.args)}, "see: groupsync "+command+"--help", "")
	return exitNotStarted
}

// printError prints why the program ends with code: the messages and the advice for a person; or, if logs are
// JSON, one line with the command that continues, if there is one.
func (p *program) printError(code int, messages []string, advice, next string) {
	if p.json {
		event := p.jsonError(code).Str("error", strings.Join(messages, "\n"))
		if next != "" {
			event.Str("next", next)
		}
		event.Msg(failureHeadline(code))
		return
	}
	for i, message := range messages {
		message = printable(message)
		if i == len(messages)-1 {
			message = withAdvice(message, advice)
		}
		fmt.Fprintf(p.stderr, "groupsync: %s\n", message)
	}
}

// withAdvice returns a message followed by advice, if there is any: as a sentence of its own after a question.
func withAdvice(message, advice string) string {
	switch {
	case advice == "":
		return message
	case strings.HasSuffix(message, "?"):
		return message + " " + strings.ToUpper(advice[:1]) + advice[1:]
	}
	return message + "; " + advice
}

func failureHeadline(code int) string {
	if code == exitNotStarted {
		return "could not start"
	}
	return "stopped early"
}

// reportPanic prints a panic and its stack, and returns the exit code.
func (p *program) reportPanic(message string, stack []byte, advice string) int {
	if p.json {
		p.jsonError(exitBug).Bytes("stack", stack).Msg(message)
		return exitBug
	}
	fmt.Fprintf(p.stderr, "groupsync: %s\n\n%s\nThis is a bug in groupsync: please report it together with the lines above.\n", printable(message), stack)
	if advice != "" {
		fmt.Fprintln(p.stderr, advice)
	}
	return exitBug
}

// jsonError begins the log line of an error that ends the program.
func (p *program) jsonError(code int) *zerolog.Event {
	f := logFlags{LogFormat: "json", LogLevel: "error"}
	log := f.logger(p, p.stderr, false, false)
	return log.Error().Int("exitCode", code)
}

// commandOf returns the command that was recognized before a usage error, followed by a space, or "".
func commandOf(err error) string {
	parsing, ok := errors.AsType[*kong.ParseError](err)
	if !ok || parsing.Context.Selected() == nil {
		return ""
	}
	return parsing.Context.Selected().Name + " "
}

// plainUsage returns a usage error of kong in plain words.
func plainUsage(message string) string {
	if flag, values, ok := strings.Cut(message, " must be one of "); ok {
		message = flag + " must be one of " + strings.ReplaceAll(values, `","`, `", "`)
	}
	for _, words := range []struct{ kong, plain string }{
		{`expected .*but got "EOL" \(<EOL>\)|missing value, expecting ".*"`, "the value is missing"},
		{`expected duration but got ("[^"]*"): time: (missing unit in|invalid|unknown unit "[^"]*" in) duration "[^"]*"`, "$1 is not a duration, such as 90s, 15m or 2h"},
		{`expected a valid 64 bit int but got ("[^"]*")`, "$1 is not a whole number"},
		{`bool value must be true, 1, yes, false, 0 or no but got ("[^"]*")`, "$1 is neither true nor false"},
		{`must be one of (.*), ("[^"]*") but got ("[^"]*")`, "must be $1 or $2, not $3"},
		{`expected "<key>=<value>" but got (".*")`, `$1 is not FIELD=HEADER, such as groupId="Kd-Gruppe Nr"`},
		{`expected \S+ value but got ".*" \((?:short|long) flag\); perhaps try (.*)\?$`, "the value is missing, or must be written as $1"},
		{`^missing flags: (--[a-z-]+)=\S+$`, "$1 is required"},
		{`^expected "<file>"$`, "no file was given"},
		{`^expected "<results>"$`, "no results file was given"},
		{`^expected "<dir>"$`, "no folder was given"},
		{`^expected "<shell>"$`, "no shell was given"},
	} {
		message = regexp.MustCompile(words.kong).ReplaceAllString(message, words.plain)
	}
	return message
}

// withoutTokens removes from a message what looks like a token that was put into the arguments by mistake.
func withoutTokens(message string, args []string) string {
	for _, arg := range args {
		if _, secret, ok := strings.Cut(arg, "secret_"); ok && secret != "" {
			message = strings.ReplaceAll(message, "secret_"+secret, "[token]")
		}
	}
	return message
}
