package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"groupsync/ecwid"
	"groupsync/sync"

	"github.com/alecthomas/kong"
	"github.com/rs/zerolog"
)

// cli is the command line: one struct for each command is its configuration.
type cli struct {
	Sync        syncCmd        `cmd:"" help:"Send every row of a CSV file to the store."`
	Check       checkCmd       `cmd:"" help:"Say how a file is understood, without a request."`
	Plan        planCmd        `cmd:"" help:"Say what sync would change, and send nothing."`
	Pull        pullCmd        `cmd:"" help:"Write the store's groups as a CSV file that sync takes."`
	Sandbox     sandboxCmd     `cmd:"" help:"Serve an emulated store on a loopback port, for trying things out."`
	TidyResults tidyResultsCmd `cmd:"" help:"Remove old results files from a folder."`
	Completion  completionCmd  `cmd:"" help:"Print a completion script for a shell, or the manual page."`
	Version     versionCmd     `cmd:"" help:"Say which version this is."`
	Help        helpCmd        `cmd:"" help:"Print the help, or that of a command."`

	ShowVersion versionFlag `name:"version" help:"Print the version."`
}

// world is what a command has from outside.
type world struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
	json           bool     // errors before a run begins are JSON
	ends           []func() // what is left to do when the command has ended
}

// done is panicked with where kong would exit.
type done struct{ code int }

// run is the whole program. It returns the exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	w := &world{args: args, stdin: stdin, stdout: stdout, stderr: stderr, json: asksForJSON(args)}
	defer func() {
		for _, end := range w.ends {
			end()
		}
	}()
	defer func() {
		switch v := recover().(type) {
		case nil:
		case done:
			code = v.code
		default:
			code = w.reportPanic(fmt.Sprintf("panic: %v", v), debug.Stack(), "")
		}
	}()
	var flags cli
	parser, err := kong.New(&flags,
		kong.Name("groupsync"),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(done{code}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}),
		kong.Vars{"api": ecwid.DefaultBaseURL},
		kong.Bind(w),
	)
	if err != nil {
		panic(err)
	}
	if err := ignoreEmpty(parser.Model); err != nil {
		panic(err)
	}
	if len(args) < 2 { // nothing was asked for: what can be?
		parser.Stdout = stderr
		if err := printHelp(parser, nil); err != nil {
			panic(err)
		}
		return exitNotStarted
	}
	command, err := parser.Parse(args[1:])
	if err != nil {
		w.complain(exitNotStarted, withoutTokens(plainly(err.Error()), args), "see: groupsync "+commandOf(err)+"--help", "")
		return exitNotStarted
	}
	return w.report(command.Run())
}

// commandOf is the command that was recognised before the error, and a blank, or "".
func commandOf(err error) string {
	parsing, ok := errors.AsType[*kong.ParseError](err)
	if !ok || parsing.Context.Selected() == nil {
		return ""
	}
	return parsing.Context.Selected().Name + " "
}

// plainWords say what kong says of flags as a person would.
var plainWords = []struct {
	kong *regexp.Regexp
	ours string
}{
	{regexp.MustCompile(`expected .*but got "EOL" \(<EOL>\)|missing value, expecting ".*"`), "its value is missing"},
	{regexp.MustCompile(`expected duration but got ("[^"]*"): time: (missing unit in|invalid|unknown unit "[^"]*" in) duration "[^"]*"`), "$1 is not a time as in 90s, 15m or 2h"},
	{regexp.MustCompile(`expected a valid 64 bit int but got ("[^"]*")`), "$1 is not a whole number"},
	{regexp.MustCompile(`bool value must be true, 1, yes, false, 0 or no but got ("[^"]*")`), "$1 is neither true nor false"},
	{regexp.MustCompile(`\(from envar (\w+)=".*"\)`), "(from $$$1)"},
	{regexp.MustCompile(`^expected "<file>"$`), "no file is named"},
}

func plainly(message string) string {
	for _, words := range plainWords {
		message = words.kong.ReplaceAllString(message, words.ours)
	}
	return message
}

// withoutTokens takes out of a message what in the arguments looks like a token put there by mistake.
func withoutTokens(message string, args []string) string {
	for _, arg := range args {
		if _, secret, ok := strings.Cut(arg, "secret_"); ok && secret != "" {
			message = strings.ReplaceAll(message, "secret_"+secret, "[token]")
		}
	}
	return message
}

// ignoreEmpty makes a variable of the environment that is set to nothing as good as none: manifests and
// wrappers set one so when they have nothing to say.
func ignoreEmpty(app *kong.Application) error {
	return kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			flag.Tag.Envs = slices.DeleteFunc(slices.Clone(flag.Tag.Envs), func(name string) bool {
				value, set := os.LookupEnv(name)
				return set && value == ""
			})
		}
		return next(nil)
	})
}

// report prints what a command that could not start or crashed says, and returns the exit code.
// A run that has begun has said the rest itself.
func (w *world) report(err error) int {
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
	if p, ok := errors.AsType[*sync.PanicError](start.err); ok {
		return w.reportPanic(p.Error(), p.Stack, start.hint)
	}
	code := exitCodeOf(start.err)
	faults := unjoined(start.err)
	for i, fault := range faults {
		message := explain(fault)
		if i < len(faults)-1 {
			w.complain(code, message, "", "")
		} else {
			w.complain(code, message, start.hint, start.next)
		}
	}
	return code
}

// complain prints why the program ends with code: to a person with a hint, to a program, where JSON is asked for,
// with the command that continues, if there is one.
func (w *world) complain(code int, message, hint, next string) {
	if !w.json {
		message = printable(message)
		if hint != "" {
			message += "; " + hint
		}
		fmt.Fprintf(w.stderr, "groupsync: %s\n", message)
		return
	}
	event := w.jsonError(code)
	if next != "" {
		event.Str("next", next)
	}
	event.Msg(message)
}

// reportPanic prints a panic and where it happened, and returns the exit code.
func (w *world) reportPanic(message string, stack []byte, hint string) int {
	if w.json {
		w.jsonError(exitBug).Bytes("stack", stack).Msg(message)
		return exitBug
	}
	fmt.Fprintf(w.stderr, "groupsync: %s\n\n%s\nThis is a bug in groupsync: please report it, with the lines above.\n", printable(message), stack)
	if hint != "" {
		fmt.Fprintln(w.stderr, hint)
	}
	return exitBug
}

// jsonError begins a log line of an error that ends the program.
func (w *world) jsonError(code int) *zerolog.Event {
	f := logFlags{LogFormat: "json", LogLevel: "error"}
	log := f.logger(w.stderr, false, false)
	return log.Error().Int("exitCode", code)
}

// startError is why a run could not start, a hint for a person, and the command that continues, if there is one.
type startError struct {
	err  error
	hint string
	next string
}

func (e *startError) Error() string { return e.err.Error() }
func (e *startError) Unwrap() error { return e.err }

// notStarted is why a command could not start, and where its help is, which is none against a signal.
func notStarted(ctx context.Context, err error, command string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if isChanged(err) {
		return readAgain(err)
	}
	return &startError{err: err, hint: advice(exitNotStarted, nil) + ": groupsync " + command + " --help"}
}
