package main

import (
	"fmt"
	"strings"
	"time"

	"groupsync/sync"
)

// summary closes the run: counts, and after any exit but 0 the one command that goes on.
func (o *output) summary(s sync.Summary, err error, code int) {
	if o.console {
		fmt.Fprint(o.world.stderr, o.text(s, err, code))
		return
	}
	event := o.log.Info()
	switch {
	case err != nil:
		event = o.log.Error().Err(err)
	case code != exitGood:
		event = o.log.Warn()
	}
	rows := map[string]int{}
	for _, status := range sync.Statuses() {
		rows[string(status)] = s.Rows[status]
	}
	event.Int("exitCode", code).
		Any("rows", rows).
		Int("recordedBefore", s.Recorded).
		Int("requests", s.Requests).
		Int("retries", s.Retries).
		Int("answered429", s.Limited).
		Float64("seconds", s.Elapsed.Round(time.Millisecond).Seconds()).
		Float64("rowsPerSecond", rowsPerSecond(s)).
		Str("results", o.job.Results.Name())
	if next := o.next(code); next != "" {
		event.Str("next", next)
	}
	event.Msg(headline(s, err))
	if s.NoReadScope {
		o.log.Warn().Msg(noReadScope)
	}
}

const noReadScope = "rows are not_updated that may hold the right values already: with the scope read_customers the token could look"

func headline(s sync.Summary, err error) string {
	switch {
	case err != nil:
		return "ended early"
	case !s.CompleteSince.IsZero():
		return "nothing to do: complete since " + s.CompleteSince.UTC().Format(time.RFC3339)
	}
	return "done"
}

// text is the summary for a person.
func (o *output) text(s sync.Summary, err error, code int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s: %s\n", o.command.name(), headline(s, err))
	if err != nil {
		fmt.Fprintf(&b, "  %v\n", err)
	}
	for _, status := range sync.Statuses() {
		if n := s.Rows[status]; n > 0 || status == sync.Updated {
			fmt.Fprintf(&b, "  %-12s %7d\n", status, n)
		}
	}
	if s.Recorded > 0 {
		fmt.Fprintf(&b, "  of these, %d were settled by an earlier run\n", s.Recorded)
	}
	fmt.Fprintf(&b, "  %d requests, %d retries, %d answers 429, %v, %.1f rows a second\n",
		s.Requests, s.Retries, s.Limited, s.Elapsed.Round(time.Millisecond), rowsPerSecond(s))
	if s.NoReadScope {
		fmt.Fprintf(&b, "  %s\n", noReadScope)
	}
	fmt.Fprintf(&b, "  results: %s\n", o.job.Results.Name())
	if next := o.next(code); next != "" {
		fmt.Fprintf(&b, "\n%s:\n  %s\n", advice(code), next)
	}
	return b.String()
}

func rowsPerSecond(s sync.Summary) float64 {
	if s.Elapsed <= 0 {
		return 0
	}
	return float64(int(float64(s.Total()-s.Recorded)/s.Elapsed.Seconds()*10)) / 10
}

// advice introduces the next command.
func advice(code int) string {
	switch code {
	case exitNotGood:
		return "the results name the rows that are not good; once they are mended"
	case exitInterrupted:
		return "go on with"
	default:
		return "once that is mended, go on with"
	}
}

// next is the one command that goes on after a run that ended with code.
func (o *output) next(code int) string {
	args := o.world.args
	switch {
	case code == exitGood:
		return ""
	case o.command.Results == "-", code == exitNotStarted:
		return quoted(args)
	case code == exitNotGood:
		return quoted(with(args, "--overwrite", "--resume"))
	}
	return quoted(with(args, "--resume", "--overwrite"))
}

// with is the command line with one flag more and another one less.
func with(args []string, add, drop string) []string {
	next := []string{args[0], args[1]}
	for _, arg := range args[2:] {
		if arg != add && arg != drop {
			next = append(next, arg)
		}
	}
	return append(next, add)
}

// quoted is a command line as a shell takes it.
func quoted(args []string) string {
	words := []string{"groupsync"}
	for _, arg := range args[1:] {
		if arg == "" || strings.Trim(arg, plain) != "" {
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// plain are the characters that no shell takes for anything else.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,@%+"
