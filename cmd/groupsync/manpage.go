package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// manPage writes the manual page in the format of man and mandoc.
func manPage(out io.Writer, model *kong.Application) {
	p := printer{out}
	p.lines(`.TH GROUPSYNC 1 "" `+`"groupsync `+roff(programVersion())+`" "User commands"`, ".SH NAME")
	summary, detail, _ := strings.Cut(model.Help, "\n\n")
	p.lines(`groupsync \- `+roff(strings.ToLower(summary[:1])+strings.TrimSuffix(summary[1:], ".")), ".SH SYNOPSIS",
		".B groupsync", ".I command", `[\fIflags\fR]`, ".SH DESCRIPTION")
	p.text(detail)
	p.lines(".SH COMMANDS")
	for _, node := range model.Leaves(true) {
		p.lines(".SS "+quotedRoff(node.Summary()), roff(node.Help))
		if node.Detail != "" {
			p.lines(".PP")
			p.text(node.Detail)
		}
		for _, argument := range node.Positional {
			p.lines(".TP", `.I `+roff(strings.ToUpper(argument.Name)), roff(argument.Help))
		}
		for _, flag := range node.Flags {
			if flag.Hidden {
				continue
			}
			p.lines(".TP", manFlag(flag), roff(flag.Help))
			if len(flag.Envs) > 0 {
				p.lines(fmt.Sprintf(`Variable: \fB%s\fR.`, roff(strings.Join(flag.Envs, ", "))))
			}
		}
	}
	p.lines(".SH ENVIRONMENT", ".TP", ".B ECWID_TOKEN", "The access token, instead of a file.", ".TP", ".B NO_COLOR",
		"If set, no colors are used.", ".PP", "The variables of flags are named with the flags above.")
}

func manFlag(flag *kong.Flag) string {
	name := ".B " + roff("--"+flag.Name)
	if flag.IsBool() {
		return name
	}
	return `.BI ` + roff("--"+flag.Name+"=") + " " + quotedRoff(flag.FormatPlaceHolder())
}

// text writes paragraphs. Indented lines stay as they are.
func (p printer) text(text string) {
	for i, paragraph := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if i > 0 {
			p.lines(".PP")
		}
		isExample := strings.HasPrefix(paragraph, "    ")
		if isExample {
			p.lines(".RS 4", ".nf")
		}
		for line := range strings.SplitSeq(paragraph, "\n") {
			p.lines(roff(strings.TrimPrefix(line, "    ")))
		}
		if isExample {
			p.lines(".fi", ".RE")
		}
	}
}

// roff escapes what roff would interpret in a line of text.
func roff(line string) string {
	line = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(line)
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		line = `\&` + line
	}
	return line
}

// quotedRoff returns text as one argument of a request.
func quotedRoff(text string) string {
	return `"` + strings.ReplaceAll(roff(text), `"`, `\(dq`) + `"`
}
