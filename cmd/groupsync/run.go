package main

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"runtime/debug"
	"strings"

	"groupsync/ecwid"

	"github.com/alecthomas/kong"
)

// cli is the command line: the struct of each command is its configuration.
type cli struct {
	Sync        syncCmd        `cmd:"" help:"Send each row of a CSV or Excel file to the store."`
	Check       checkCmd       `cmd:"" help:"Report how a file is interpreted, without sending requests."`
	Plan        planCmd        `cmd:"" help:"Report what sync would change, and send nothing."`
	Doctor      doctorCmd      `cmd:"" help:"Check everything that a run needs, and change nothing."`
	Pull        pullCmd        `cmd:"" help:"Write the store's groups as a file that sync accepts."`
	Show        showCmd        `cmd:"" help:"Print a results file, or write it as an HTML page."`
	Sandbox     sandboxCmd     `cmd:"" help:"Serve an emulated store on a loopback port, to try things out."`
	TidyResults tidyResultsCmd `cmd:"" help:"Remove old results files from a folder."`
	Completion  completionCmd  `cmd:"" help:"Print a completion script for a shell, or the manual page."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
	Help        helpCmd        `cmd:"" help:"Print help for the program, or for a command."`

	ShowVersion versionFlag `name:"version" help:"Print the version."`
}

// program is what all commands share: the context, the arguments, the environment and the streams of the process.
type program struct {
	ctx            context.Context
	args           []string
	runID          string
	getenv         func(name string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	shell          shell    // for which commands are printed
	json           bool     // errors before a run begins are printed as JSON
	cleanups       []func() // called when the command has ended
}

// kongExit is the value of the panic that replaces an exit by kong.
type kongExit struct{ code int }

// run is the whole program. It returns the exit code. A variable that is empty counts as unset.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	p := &program{ctx: ctx, args: args, runID: newRunID(), getenv: getenv, stdin: stdin, stdout: stdout, stderr: stderr, shell: currentShell(), json: asksForJSON(args, getenv)}
	defer func() {
		for _, cleanup := range p.cleanups {
			cleanup()
		}
	}()
	defer func() {
		switch v := recover().(type) {
		case nil:
		case kongExit:
			code = v.code
		default:
			code = p.reportPanic(fmt.Sprintf("panic: %v", v), debug.Stack(), "")
		}
	}()
	parser := p.newParser(grammar(args))
	if len(args) < 2 {
		parser.Stdout = stderr
		if err := printHelp(parser, nil); err != nil {
			panic(err)
		}
		return exitNotStarted
	}
	command, err := parser.Parse(args[1:])
	if err != nil {
		return p.reportUsage(err)
	}
	return p.report(command.Run())
}

// grammar returns the struct that defines the command line. It contains only the command that args name, because building
// the model of all commands takes longer than sending one row. For help, completion and an unknown command, it is [cli].
func grammar(args []string) any {
	if len(args) < 2 || args[1] == "help" || args[1] == "completion" {
		return &cli{}
	}
	found := false
	var fields []reflect.StructField
	for field := range reflect.TypeFor[cli]().Fields() {
		_, isCommand := field.Tag.Lookup("cmd")
		named := isCommand && strings.ToLower(field.Name) == args[1]
		if named || !isCommand {
			fields = append(fields, field)
		}
		found = found || named
	}
	if !found {
		return &cli{}
	}
	return reflect.New(reflect.StructOf(fields)).Interface()
}

// newParser returns the parser of command lines with a grammar, a pointer to a struct such as [cli]. It panics if the
// struct is wrong.
func (p *program) newParser(grammar any) *kong.Kong {
	parser, err := kong.New(grammar,
		kong.Name("groupsync"),
		kong.Description(description),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(code int) { panic(kongExit{code}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}),
		kong.ValueFormatter(helpWithVariables),
		kong.Resolvers(environment(p.getenv)),
		kong.Vars{"api": ecwid.DefaultBaseURL},
		kong.Bind(p),
	)
	if err == nil {
		err = detachEnvironment(parser.Model)
	}
	if err != nil {
		panic(err)
	}
	makeFileOptional(parser.Model)
	parser.Model.HelpFlag.Help = "Print this help."
	return parser
}
