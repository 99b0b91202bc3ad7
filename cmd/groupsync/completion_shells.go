package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
)

// bashHead finds the command, and the flag whose value is completed.
const bashHead = `# bash completion for groupsync

_groupsync() {
    local cur=${COMP_WORDS[COMP_CWORD]} before=$((COMP_CWORD - 1)) command= flag= flags= word values= kind= prefix= i
    # bash treats the = of --flag=value as a separate word.
    if [[ $cur == = ]]; then
        cur=
    elif [[ ${COMP_WORDS[before]} == = ]]; then
        before=$((before - 1))
    fi
    [[ ${COMP_WORDS[before]} == --* ]] && flag=${COMP_WORDS[before]}
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} != -* ]]; then
            command=${COMP_WORDS[i]}
            break
        fi
    done
    case "$command $flag" in`

// bashTail completes the word. bash itself completes files, because it handles quotes and ~.
const bashTail = `        esac
        [[ $cur == -* ]] && kind=values values=$flags
    fi
    COMPREPLY=()
    [[ $kind == files ]] && return
    compopt +o default 2>/dev/null
    case $kind in
    folders) compopt -o dirnames 2>/dev/null ;;
    list) [[ $cur == *,* ]] && prefix=${cur%,*}, ;;
    none) values= ;;
    esac
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(compgen -P "$prefix" -W "$values" -- "${cur#"$prefix"}")
}

complete -o default -F _groupsync groupsync`

func completeBash(out io.Writer, commands []completion) {
	p := printer{out}
	p.lines(bashHead)
	for _, c := range commands {
		for _, flag := range c.flags {
			if flag.kind != noValue {
				kind, values := flag.bash()
				p.lines(fmt.Sprintf(`    "%s %s") kind=%s values="%s" ;;`, c.name, flag.name, kind, values))
			}
		}
	}
	p.lines("    esac", "    if [[ -z $kind ]]; then", "        case $command in")
	for _, c := range commands {
		kind, values := "none", ""
		if len(c.arguments) > 0 {
			kind, values = c.arguments[0].bash()
		}
		p.lines(fmt.Sprintf(`        "%s") flags="%s" kind=%s values="%s" ;;`, c.name, strings.Join(c.flagNames(), " "), kind, values))
	}
	p.lines(bashTail)
}

// bash returns how a value is completed, and with which words.
func (v completedValue) bash() (kind, values string) {
	switch {
	case v.kind == enumValue && v.isList:
		return "list", strings.Join(v.values, " ")
	case v.kind == enumValue:
		return "values", strings.Join(v.values, " ")
	case v.kind == fileValue:
		return "files", ""
	case v.kind == folderValue:
		return "folders", ""
	}
	return "none", ""
}

func completeZsh(out io.Writer, commands []completion) {
	p := printer{out}
	program, commands := commands[0], commands[1:]
	p.lines("#compdef groupsync", "", "_groupsync() {",
		"    local context state state_descr line", "    typeset -A opt_args", `    _arguments -C \`)
	for _, flag := range program.flags {
		p.lines("        " + zshQuoted("(- *)") + flag.zshFlag() + ` \`)
	}
	p.lines("        '1:command:->command' '*::argument:->argument'",
		"    case $state in", "    command)", "        local -a commands=(")
	for _, c := range commands {
		p.lines("            " + zshQuoted(c.name+":"+c.help))
	}
	p.lines("        )", "        _describe command commands", "        ;;", "    argument)", "        case $words[1] in")
	for _, c := range commands {
		p.lines("        "+c.name+")", `            _arguments \`)
		for _, flag := range c.flags {
			p.lines("                " + flag.zshFlag() + ` \`)
		}
		for i, argument := range c.arguments {
			p.lines("                " + zshQuoted(fmt.Sprintf("%d:%s:%s", i+1, argument.name, argument.zshAction())) + ` \`)
		}
		p.lines("                && return", "            ;;")
	}
	p.lines("        esac", "        ;;", "    esac", "}", "",
		`if [[ $funcstack[1] == _groupsync ]]; then`, `    _groupsync "$@"`, "else", "    compdef _groupsync groupsync", "fi")
}

func (v completedValue) zshFlag() string {
	help := strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, ":", `\:`).Replace(v.help)
	spec := v.name + "[" + help + "]"
	if v.kind != noValue {
		spec = v.name + "=[" + help + "]:" + cmp.Or(v.placeholder, "value") + ":" + v.zshAction()
	}
	if v.isRepeated {
		spec = "*" + spec
	}
	return zshQuoted(spec)
}

func (v completedValue) zshAction() string {
	switch {
	case v.kind == enumValue && v.isList:
		return "_values -s , " + v.placeholder + " " + strings.Join(v.values, " ")
	case v.kind == enumValue:
		return "(" + strings.Join(v.values, " ") + ")"
	case v.kind == fileValue:
		return "_files"
	case v.kind == folderValue:
		return "_files -/"
	}
	return ""
}

func zshQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func completeFish(out io.Writer, commands []completion) {
	p := printer{out}
	program, commands := commands[0], commands[1:]
	p.lines("# fish completion for groupsync", "", "complete -c groupsync -f")
	for _, flag := range program.flags {
		p.lines(fmt.Sprintf("complete -c groupsync -n __fish_use_subcommand -l %s -d %s", strings.TrimPrefix(flag.name, "--"), fishQuoted(flag.help)))
	}
	for _, c := range commands {
		p.lines(fmt.Sprintf("complete -c groupsync -n __fish_use_subcommand -a %s -d %s", c.name, fishQuoted(c.help)))
	}
	for _, c := range commands {
		p.lines("")
		prefix := "complete -c groupsync -n '__fish_seen_subcommand_from " + c.name + "'"
		for _, flag := range c.flags {
			p.lines(fmt.Sprintf("%s -l %s%s -d %s", prefix, strings.TrimPrefix(flag.name, "--"), flag.fishValue(), fishQuoted(flag.help)))
		}
		for _, argument := range c.arguments {
			switch argument.kind {
			case enumValue:
				p.lines(prefix + " -a " + fishQuoted(strings.Join(argument.values, " ")))
			case fileValue:
				p.lines(prefix + " -F")
			case folderValue:
				p.lines(prefix + " -a '(__fish_complete_directories)'")
			}
		}
	}
}

func (v completedValue) fishValue() string {
	switch {
	case v.kind == noValue:
		return ""
	case v.kind == enumValue && v.isList:
		return " -x -a " + fishQuoted("(__fish_append , "+strings.Join(v.values, " ")+")")
	case v.kind == enumValue:
		return " -x -a " + fishQuoted(strings.Join(v.values, " "))
	case v.kind == fileValue:
		return " -r -F"
	case v.kind == folderValue:
		return " -x -a '(__fish_complete_directories)'"
	}
	return " -x"
}

func fishQuoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}
