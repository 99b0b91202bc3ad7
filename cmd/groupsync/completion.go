package main

import (
	"bufio"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish,man" help:"bash, zsh or fish; \"man\" prints the manual page instead."`
}

func (c *completionCmd) Run(p *program, line *kong.Context) error {
	out := bufio.NewWriter(p.stdout)
	commands := completions(line.Model)
	switch c.Shell {
	case "bash":
		completeBash(out, commands)
	case "zsh":
		completeZsh(out, commands)
	case "fish":
		completeFish(out, commands)
	case "man":
		manPage(out, line.Model)
	}
	return out.Flush()
}

// completion is what a shell needs to know about a command.
type completion struct {
	name, help string
	flags      []completedValue
	arguments  []completedValue
}

// completedValue is a flag or an argument, and how its value is completed.
type completedValue struct {
	name, help  string // the name of a flag begins with its dashes
	placeholder string
	kind        valueKind
	values      []string // of an enum
	isList      bool     // several values, separated by commas
	isRepeated  bool     // may be given more than once
}

type valueKind int

const (
	noValue     valueKind = iota // a flag that is on or off
	anyValue                     // not completed
	enumValue                    // one of values
	fileValue                    // the path of a file
	folderValue                  // the path of a folder
)

// completions returns the commands of the model that are not hidden. The first is the program itself: its name is empty,
// and its argument is the command.
func completions(model *kong.Application) []completion {
	program := completion{flags: completedFlags(model.Node)}
	command := completedValue{name: "command", placeholder: "COMMAND", kind: enumValue}
	commands := []completion{program}
	for _, node := range model.Leaves(true) {
		command.values = append(command.values, node.Name)
		c := completion{name: node.Name, help: firstSentence(node.Help), flags: completedFlags(node)}
		for _, argument := range node.Positional {
			c.arguments = append(c.arguments, completed(argument, argument.Name, strings.ToUpper(argument.Name)))
		}
		commands = append(commands, c)
	}
	commands[0].arguments = []completedValue{command}
	for _, c := range commands {
		if len(c.arguments) > 0 && c.arguments[0].placeholder == "COMMAND" { // of help
			c.arguments[0] = command
		}
	}
	return commands
}

func completedFlags(node *kong.Node) []completedValue {
	var flags []completedValue
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			flags = append(flags, completed(flag.Value, "--"+flag.Name, flag.PlaceHolder))
		}
	}
	return flags
}

func completed(value *kong.Value, name, placeholder string) completedValue {
	v := completedValue{
		name: name, help: firstSentence(value.Help), placeholder: placeholder, kind: anyValue,
		isList: value.IsSlice(), isRepeated: value.IsCumulative() && value.Tag.Type != "filecontent",
	}
	switch {
	case value.IsBool():
		v.kind = noValue
	case value.Enum != "":
		v.kind, v.values = enumValue, value.EnumSlice()
	case placeholder == "DIR":
		v.kind = folderValue
	case placeholder == "FILE", placeholder == "TARGET", placeholder == "RESULTS":
		v.kind = fileValue
	}
	return v
}

// firstSentence returns the help up to its first full stop or colon: a shell shows one line of it.
func firstSentence(help string) string {
	for _, end := range []string{". ", ": "} {
		help, _, _ = strings.Cut(help, end)
	}
	return strings.TrimSuffix(help, ".")
}

// printer writes lines. It ignores errors, because the Flush of the [bufio.Writer] in it returns the first one.
type printer struct{ io.Writer }

func (p printer) lines(lines ...string) {
	for _, line := range lines {
		io.WriteString(p, line+"\n")
	}
}

func (c completion) flagNames() []string {
	var names []string
	for _, flag := range c.flags {
		names = append(names, flag.name)
	}
	return names
}

// Help returns the description that kong prints below the usage line.
func (*completionCmd) Help() string {
	return `completion prints a script that makes the shell complete commands, flags, their values and files when you
press Tab. It can also print the manual page.

Examples:

    # bash: for the current session, and for all later ones.
    source <(groupsync completion bash)
    groupsync completion bash > ~/.local/share/bash-completion/completions/groupsync

    # zsh: in a folder listed in $fpath.
    groupsync completion zsh > ~/.zfunc/_groupsync

    # fish
    groupsync completion fish > ~/.config/fish/completions/groupsync.fish

    # The manual page.
    groupsync completion man > groupsync.1`
}
