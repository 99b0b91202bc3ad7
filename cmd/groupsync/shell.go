package main

import (
	"strconv"
	"strings"
	"unicode"
)

// shell is a shell for which commands are printed. Each has its own rules for quoting.
type shell int

const (
	posixShell        shell = iota // sh, bash, zsh
	powerShell                     // PowerShell 7
	windowsPowerShell              // PowerShell 5.1, which comes with Windows
	commandPrompt                  // cmd.exe
)

// commandLine returns the line that runs the command with these words.
func (s shell) commandLine(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = s.quote(word)
	}
	return strings.Join(quoted, " ")
}

// setVariable returns the line that sets a variable for the commands that follow.
func (s shell) setVariable(name, value string) string {
	switch s {
	case posixShell:
		if value == "" {
			return "export " + name + "="
		}
		return "export " + name + "=" + s.quote(value)
	case commandPrompt:
		return `set "` + name + "=" + value + `"`
	default:
		return "$env:" + name + " = '" + doubleQuotes(value) + "'"
	}
}

// quote returns arg, quoted so that the shell passes it to the program as one argument.
func (s shell) quote(arg string) string {
	if s.isPlain(arg) {
		return arg
	}
	switch s {
	case posixShell:
		return quotePOSIX(arg)
	case commandPrompt:
		return quoteCommandPrompt(arg)
	case windowsPowerShell:
		// This shell puts quotes around an argument with a space, does not escape quotes in it, and drops an empty argument.
		if arg == "" {
			return `'""'`
		}
		return quotePowerShell(escapeForWindows(arg, strings.ContainsFunc(arg, unicode.IsSpace)))
	default:
		return quotePowerShell(arg)
	}
}

// isPlain reports whether arg needs no quotes. Only ASCII letters are plain: Windows PowerShell treats some other
// characters as quotes and dashes.
func (s shell) isPlain(arg string) bool {
	const everywhere = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./"
	switch s {
	case posixShell:
		return arg != "" && strings.Trim(arg, everywhere+"=:,@%+") == ""
	case commandPrompt:
		return arg != "" && strings.Trim(arg, everywhere+`:@+\`) == "" || isPlainFlag(arg, everywhere+`:@+\=`)
	default:
		// PowerShell splits an argument that begins with a dash at a dot or a colon.
		return arg != "" && strings.Trim(arg, everywhere+`:=+\`) == "" && (arg[0] != '-' || !strings.ContainsAny(arg, ".:"))
	}
}

// isPlainFlag reports whether arg is a flag of these characters. cmd.exe treats "=" as a space only when it looks for the
// name of a command or for the parameters of a batch file.
func isPlainFlag(arg, characters string) bool {
	return strings.HasPrefix(arg, "--") && strings.Trim(arg, characters) == ""
}

func quotePOSIX(arg string) string {
	if isPrintable(arg) {
		return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	// A terminal would interpret the characters themselves. bash, zsh and ksh understand this form.
	escaped := strconv.QuoteToGraphic(arg)
	return "$'" + strings.ReplaceAll(escaped[1:len(escaped)-1], "'", `\'`) + "'"
}

// quotePowerShell returns arg between single quotes. Control characters, which a terminal would interpret, are written
// as expressions.
func quotePowerShell(arg string) string {
	if isPrintable(arg) {
		return "'" + doubleQuotes(arg) + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range arg {
		switch {
		case isUnprintable(r):
			b.WriteString("$([char]" + strconv.Itoa(int(r)) + ")")
		case r == '$', r == '`', r == '"', r == '“', r == '”', r == '„':
			b.WriteByte('`')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// doubleQuotes doubles the characters that PowerShell treats as single quotes.
func doubleQuotes(s string) string {
	return strings.NewReplacer("'", "''", "‘", "‘‘", "’", "’’", "‚", "‚‚", "‛", "‛‛").Replace(s)
}

// quoteCommandPrompt returns arg between double quotes. The prompt replaces variables even between quotes: in an argument
// with a percent sign or a quote, each special character is escaped by a caret. A control character cannot be written,
// so its name takes its place.
func quoteCommandPrompt(arg string) string {
	arg = `"` + escapeForWindows(printable(arg), true) + `"`
	if !strings.ContainsAny(arg[1:len(arg)-1], `"%!`) {
		return arg
	}
	var b strings.Builder
	for _, r := range arg {
		if strings.ContainsRune(`"%!&|<>^()`, r) {
			b.WriteByte('^')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// escapeForWindows returns arg with the backslashes by which a program on Windows distinguishes the quotes in an argument
// from those around it. quoted says that the caller puts quotes around the result.
func escapeForWindows(arg string, quoted bool) string {
	var b strings.Builder
	backslashes := 0 // directly before the rune
	for _, r := range arg {
		if r == '"' {
			b.WriteString(strings.Repeat(`\`, backslashes+1))
		}
		if r == '\\' {
			backslashes++
		} else {
			backslashes = 0
		}
		b.WriteRune(r)
	}
	if quoted {
		b.WriteString(strings.Repeat(`\`, backslashes))
	}
	return b.String()
}
