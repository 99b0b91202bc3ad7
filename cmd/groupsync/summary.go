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

// summary prints how the run ended: for a person as text, or as one log line.
func (o *output) summary(r report, s sync.Summary, err error) {
	if o.console {
		fmt.Fprint(o.program.stderr, o.summaryText(r, s, err))
		return
	}
	log := o.log
	if o.buffer != nil {
		log = o.command.logger(o.program, o.program.stderr, false, false)
	}
	event := log.Info()
	_, limited := errors.AsType[*sync.LimitError](err)
	switch {
	case limited: // not an error: a flag asked for it
		event.Str("stopped", r.Error)
		r.Error = ""
	case err != nil:
		event = log.Error()
	case r.ExitCode != exitGood, noRows(s):
		event = log.Warn()
	}
	if undo := o.undo(s, r.ExitCode); undo != "" {
		event.Str("undo", undo)
	}
	event.EmbedObject(r).Float64("rowsPerSecond", rowsPerSecond(s)).Msg(headline(s, err))
	if s.NoReadScope {
		log.Warn().Msg(noReadScope)
	}
}

const noReadScope = "without the scope read_customers, groupsync cannot check whether the groups of not_updated rows have the right values, or which rows release the external ids that other rows need"

const undoOfCleared = "a row whose external id this run cleared will then be a conflict, because the results do not record whether an id was cleared or kept\n"

const resolveConflicts = "  to resolve a conflict, pull the groups again and repeat the change in the new file; or remove the row, to keep the store's value\n"

// headline says in a few words how the run ended.
func headline(s sync.Summary, err error) string {
	_, limited := errors.AsType[*sync.LimitError](err)
	switch {
	case limited:
		return "stopped at the limit"
	case err != nil:
		return "stopped early"
	case noRows(s):
		return "done, but the input has no rows below its header"
	case !s.CompleteSince.IsZero():
		return "nothing to do: the results have been complete since " + s.CompleteSince.UTC().Format(time.RFC3339)
	}
	return "done"
}

// noRows reports whether the input of a finished run had no rows. That is not an error, but a broken export looks the
// same.
func noRows(s sync.Summary) bool { return s.Total() == 0 }

// summaryText returns the summary for a person.
func (o *output) summaryText(r report, s sync.Summary, err error) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s: %s\n", printable(o.command.name()), headline(s, err))
	for _, text := range explanations(err) {
		fmt.Fprintf(&b, "  %s\n", printable(text))
	}
	if o.command.Sandbox {
		b.WriteString("  this was the sandbox, a store inside the program: nothing was sent to Ecwid\n")
	}
	if r.StoreName != "" {
		fmt.Fprintf(&b, "  store %s\n", storeFacts{ID: r.Store, Name: r.StoreName})
	}
	printRows(&b, s.Rows)
	if s.Untidy > 0 {
		fmt.Fprintf(&b, "  %-12s %8d  %s\n", "untidy", s.Untidy, o.untidy())
	}
	if s.Recorded > 0 {
		fmt.Fprintf(&b, "  %-12s %8d  settled by an earlier run\n", "of these", s.Recorded)
	}
	printReasons(&b, s.Reasons)
	if s.Rows[journal.Conflict] > 0 {
		b.WriteString(resolveConflicts)
	}
	fmt.Fprintf(&b, "\n  requests     %8d  retries: %d, 429 responses: %d, pauses: %d\n", s.Requests, s.Retries, s.RateLimited, s.Pauses)
	fmt.Fprintf(&b, "  time         %8s  %.1f rows per second\n", elapsed(s.Elapsed), rowsPerSecond(s))
	if r.Results != nil {
		fmt.Fprintf(&b, "  results      %s\n", printable(r.Results.Name))
	}
	if o.base.note != "" {
		fmt.Fprintf(&b, "  %s\n", printable(o.base.note))
	}
	if s.NoReadScope {
		fmt.Fprintf(&b, "  %s\n", noReadScope)
	}
	if undo := o.undo(s, r.ExitCode); undo != "" {
		fmt.Fprintf(&b, "\nundo this run, except for groups that others change in the meantime, with\n  %s\n", undo)
		if o.command.Blank == "clear" {
			b.WriteString(undoOfCleared)
		}
	}
	if r.Next != "" {
		fmt.Fprintf(&b, "\n%s\n  %s\n", advice(r.ExitCode, err), r.Next)
	}
	return b.String()
}

// untidy says how values with spaces around them or invisible characters were sent.
func (o *output) untidy() string {
	if o.command.Tidy {
		return "cleaned before sending"
	}
	return "sent with leading or trailing spaces, invisible or decomposed characters: groupsync check lists them, --tidy cleans them"
}

// elapsed returns a duration for a person.
func elapsed(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return short(d)
}

// seconds returns a duration in seconds, to the millisecond.
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

// rowsPerSecond returns the speed of this run alone, to one decimal place.
func rowsPerSecond(s sync.Summary) float64 {
	if s.Elapsed <= 0 {
		return 0
	}
	return float64(int(float64(s.Total()-s.Recorded)/s.Elapsed.Seconds()*10)) / 10
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
