package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"groupsync/sync"
	"groupsync/sync/journal"
)

// summary closes the run: counts, and after any exit but 0 the one command that goes on.
func (o *output) summary(s sync.Summary, err error, code int) {
	if o.console {
		fmt.Fprint(o.program.stderr, o.text(s, err, code))
		return
	}
	log := o.log
	if o.held != nil {
		log = o.command.logger(o.program, o.program.stderr, false, false)
	}
	event := log.Info()
	_, limited := errors.AsType[*sync.LimitError](err)
	switch {
	case limited: // as it was asked for
		event = event.Str("stopped", explain(err))
	case err != nil:
		event = log.Error().Str("error", explain(err))
	case code != exitGood, noRows(s):
		event = log.Warn()
	}
	event.Int("exitCode", code).
		Any("rows", byStatus(s.Rows)).
		Int("recordedBefore", s.Recorded).
		Int("passedOver", s.Passed).
		Int("untidy", s.Untidy).
		Int("requests", s.Requests).
		Int("retries", s.Retries).
		Int("answered429", s.Limited).
		Int("pauses", s.Pauses).
		Float64("seconds", seconds(s.Elapsed)).
		Float64("rowsPerSecond", rowsPerSecond(s)).
		Str("results", o.job.Results.Name())
	if len(s.Reasons) > 0 {
		event.Any("reasons", s.Reasons)
	}
	if next := o.next(s, err, code); next != "" {
		event.Str("next", next)
	}
	event.Msg(headline(s, err))
	if s.NoReadScope {
		log.Warn().Msg(noReadScope)
	}
}

const noReadScope = "with the scope read_customers the token could look whether rows that are not_updated hold the right values, and which rows release the external ids that others wait for"

func headline(s sync.Summary, err error) string {
	_, limited := errors.AsType[*sync.LimitError](err)
	switch {
	case limited:
		return "stopped at the limit"
	case err != nil:
		return "ended early"
	case noRows(s):
		return "done, but the input has no rows below its header"
	case !s.CompleteSince.IsZero():
		return "nothing to do: complete since " + s.CompleteSince.UTC().Format(time.RFC3339)
	}
	return "done"
}

// noRows reports whether a run that came to its end found no rows in its input. That is no fault, but an
// export that broke looks the same.
func noRows(s sync.Summary) bool { return s.Total() == 0 && s.Passed == 0 }

// text is the summary for a person.
func (o *output) text(s sync.Summary, err error, code int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s: %s\n", printable(o.command.name()), headline(s, err))
	for _, fault := range unjoined(err) {
		fmt.Fprintf(&b, "  %s\n", printable(explain(fault)))
	}
	printRows(&b, s.Rows)
	if s.Passed > 0 {
		fmt.Fprintf(&b, "  %-12s %8d\n", "passed over", s.Passed)
	}
	if s.Untidy > 0 {
		fmt.Fprintf(&b, "  %-12s %8d  %s\n", "untidy", s.Untidy, o.untidy())
	}
	if s.Recorded > 0 {
		fmt.Fprintf(&b, "  of these, %d were settled by an earlier run\n", s.Recorded)
	}
	printReasons(&b, s.Reasons)
	fmt.Fprintf(&b, "\n  requests     %8d  retries: %d, answers 429: %d, pauses: %d\n", s.Requests, s.Retries, s.Limited, s.Pauses)
	fmt.Fprintf(&b, "  time         %8s  %.1f rows a second\n", elapsed(s.Elapsed), rowsPerSecond(s))
	fmt.Fprintf(&b, "  results      %s\n", printable(o.job.Results.Name()))
	if s.NoReadScope {
		fmt.Fprintf(&b, "  %s\n", noReadScope)
	}
	if next := o.next(s, err, code); next != "" {
		fmt.Fprintf(&b, "\n%s\n  %s\n", advice(code, err), next)
	}
	return b.String()
}

// printRows prints how many rows have each status.
func printRows(out io.Writer, rows map[journal.Status]int) {
	for _, status := range journal.Statuses() {
		if n := rows[status]; n > 0 || status == journal.Updated {
			fmt.Fprintf(out, "  %-12s %8d\n", status, n)
		}
	}
}

// printReasons prints the most frequent reasons why rows are not good.
func printReasons(out io.Writer, reasons []journal.Reason) {
	if len(reasons) > 0 {
		fmt.Fprint(out, "\n  most frequent reasons, each with an example:\n")
	}
	for _, reason := range reasons {
		fmt.Fprintf(out, "  %-12s %8d  line %d: %s\n", reason.Status, reason.Count, reason.Line, printable(reason.Example))
	}
}

// untidy says what became of texts that are not tidy.
func (o *output) untidy() string {
	if o.command.Tidy {
		return "texts were sent without what does not show"
	}
	return "texts were sent with blanks or marks that do not show: see groupsync check, and --tidy"
}

func elapsed(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return short(d)
}

func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Millisecond).Milliseconds()) / 1000
}

func byStatus(counts map[journal.Status]int) map[string]int {
	rows := map[string]int{}
	for _, status := range journal.Statuses() {
		rows[string(status)] = counts[status]
	}
	return rows
}

func rowsPerSecond(s sync.Summary) float64 {
	if s.Elapsed <= 0 {
		return 0
	}
	return float64(int(float64(s.Total()-s.Recorded)/s.Elapsed.Seconds()*10)) / 10
}
