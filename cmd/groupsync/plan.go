package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"groupsync/sync"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
	"groupsync/sync/quota"
	"groupsync/sync/quote"

	"github.com/alecthomas/kong"
)

type planCmd struct {
	storeFlags
	inputFlags
	baseFlags
	paceFlags

	limit     int    // of a dry run
	note      string // describes the base; "" if there is none
	shell     shell  // for which commands are printed
	storeName string // "": unknown

	JSON bool   `group:"Output" name:"json" help:"Print one JSON object per line instead: one for each row that is not unchanged, and a summary."`
	HTML string `group:"Output" name:"html" placeholder:"FILE" help:"Also write the plan as an HTML page to this file."`
	planReportFlags
	logFlags
}

// store returns the id of the store and, if it is known, its name.
func (c *planCmd) store() string { return storeFacts{ID: c.storeID(), Name: c.storeName}.String() }

func (c *planCmd) Run(p *program, line *kong.Context) error {
	c.shell = p.shell
	o := newPlanOutput(p, c, line)
	totals, err := c.plan(p, line, o)
	return o.end(totals, err)
}

// plan makes the plan and prints it.
func (c *planCmd) plan(p *program, line *kong.Context, o *planOutput) (plan.Totals, error) {
	ctx, _ := p.untilSignal(0)
	job, closeAll, err := c.job(ctx, p, line, o)
	if err != nil {
		return plan.Totals{}, p.notRead(ctx, err, "plan", line)
	}
	defer closeAll()

	out := bufio.NewWriter(p.stdout)
	printer := planPrinter(&planText{out: out, paint: painter(p.usesColor(p.stdout))})
	if c.JSON {
		printer = &planJSON{json.NewEncoder(out), o}
	}
	if c.Quiet {
		printer = quietPlan{printer}
	}
	if c.HTML != "" {
		printer = planPrinters{printer, newPlanPage(c.HTML)}
	}
	totals, err := job.Plan(ctx, printer.entry)
	if err == nil {
		err = printer.end(c, totals, job.Rate, line)
	}
	return totals, readAgain(errors.Join(err, flushPlan(out)))
}

func flushPlan(out *bufio.Writer) error {
	if err := out.Flush(); err != nil {
		return &sync.InterruptedError{Err: fmt.Errorf("the plan cannot be written: %w", err)}
	}
	return nil
}

func (c *planCmd) job(ctx context.Context, p *program, line *kong.Context, o *planOutput) (*sync.Job, func(), error) {
	rate, err := c.pace()
	errs := []error{err, c.baseFlags.check(line), o.checkTargets()}
	if c.HTML != "" {
		errs = append(errs, checkPage(c.HTML))
	}
	client, closeClient, err := c.client(p, line, 1, nil)
	errs = append(errs, err)
	in, err := openInput(ctx, c.File, p.stdin)
	errs = append(errs, err)
	o.input, o.rate = in, rate
	var base openBase
	closeAll := func() {
		if base.close != nil {
			base.close()
		}
		if closeClient != nil {
			closeClient()
		}
		if in != nil {
			in.close()
		}
	}
	job := &sync.Job{
		Client: client, Results: journal.Results{StoreID: c.storeID()},
		Limit: c.limit, Rate: rate, Concurrency: 1, Timeout: c.Timeout, MaxAttempts: c.MaxAttempts, MaxOutage: c.maxOutage(),
		Hooks: o.hooks(),
	}
	// After another error, standard input is not read: it may be a terminal at which nobody types.
	if in != nil && (c.File != "-" || errors.Join(errs...) == nil) {
		job.Input, err = c.openRows(ctx, in, c.spool(true, journal.Results{}))
		errs = append(errs, err)
		if err == nil && c.sandbox != nil {
			errs = append(errs, addGroups(ctx, c.sandbox, job.Input, c.Key))
		}
		base, err = c.baseFlags.open(ctx, &c.readingFlags, job.Input, c.storeID())
		errs = append(errs, err)
		job.Base, c.note = base.rows, base.note
	}
	if err := errors.Join(errs...); err != nil {
		closeAll()
		return nil, nil, err
	}
	logHeader(o.log, job.Input.Reader())
	return job, closeAll, nil
}

// planPrinter prints a plan, row by row and then its totals.
type planPrinter interface {
	entry(plan.Entry) error
	end(c *planCmd, t plan.Totals, r quota.Rate, line *kong.Context) error
}

// planPrinters prints a plan in several ways.
type planPrinters []planPrinter

func (all planPrinters) entry(e plan.Entry) error {
	for _, p := range all {
		if err := p.entry(e); err != nil {
			return err
		}
	}
	return nil
}

func (all planPrinters) end(c *planCmd, t plan.Totals, r quota.Rate, line *kong.Context) error {
	for _, p := range all {
		if err := p.end(c, t, r, line); err != nil {
			return err
		}
	}
	return nil
}

// planText prints a plan for a person.
type planText struct {
	out   io.Writer
	paint func(color, text string) string
}

const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
)

// painter returns a function that colors text, if colors are wanted.
func painter(colors bool) func(color, text string) string {
	if !colors {
		return func(_, text string) string { return text }
	}
	return func(color, text string) string { return color + text + "\x1b[0m" }
}

func (p *planText) entry(e plan.Entry) error {
	if e.Status == journal.Unchanged && len(e.Notes) == 0 {
		return nil
	}
	fmt.Fprintf(p.out, "line %d", e.Line)
	if e.ID != 0 {
		fmt.Fprintf(p.out, ", group %d", e.ID)
	}
	if e.Reason != "" {
		fmt.Fprintf(p.out, ": %s", p.paint(red, string(e.Status)+": "+printable(e.Reason)))
	}
	fmt.Fprintln(p.out)
	if e.Cleared != nil {
		fmt.Fprintf(p.out, "    first, %s is cleared in group %d, because a later row of that group changes it\n",
			p.paint(red, value(e.Cleared.ExternalReferenceID)), e.Cleared.ID)
	}
	for _, change := range e.Changes() {
		p.change(change)
	}
	for _, note := range e.Notes {
		fmt.Fprintf(p.out, "    %s\n", p.paint(yellow, "note: "+printable(note)))
	}
	return nil
}

func (p *planText) change(c plan.FieldChange) {
	fmt.Fprintf(p.out, "    %-19s  %s → %s\n", c.Field, p.paint(red, value(c.Old)), p.paint(green, value(c.New)))
}

// value returns the value of a field in quotes, with its invisible characters named.
func value(s string) string {
	if s == "" {
		return "(none)"
	}
	return quote.Full(s)
}

func (p *planText) end(c *planCmd, t plan.Totals, r quota.Rate, line *kong.Context) error {
	if t.Puts > 0 || !t.Good() {
		fmt.Fprintln(p.out)
	}
	fmt.Fprintf(p.out, "%s against store %s, which has %s:\n", printable(c.name()), c.store(), counted(t.Groups, "group"))
	if c.note != "" {
		fmt.Fprintf(p.out, "%s\n", printable(c.note))
	}
	if t.Puts == 0 && t.Good() {
		if t.Rows[journal.Unchanged] == 0 {
			fmt.Fprintf(p.out, "%s\n", p.paint(yellow, "nothing to do: the file has no rows below its header"))
			return nil
		}
		if c.note != "" {
			fmt.Fprintf(p.out, "nothing to do: the file changes nothing (%s)\n", counted(t.Rows[journal.Unchanged], "row"))
			return nil
		}
		fmt.Fprintf(p.out, "nothing to do: the store already matches the file (%s)\n", counted(t.Rows[journal.Unchanged], "row"))
		return nil
	}
	fmt.Fprintf(p.out, "  %-12s %8d\n", "to send", t.Rows[journal.Updated])
	if t.Clears > 0 {
		fmt.Fprintf(p.out, "  %-12s %8d  so that another group can get the external id\n", "to clear", t.Clears)
	}
	for _, status := range []journal.Status{journal.Unchanged, journal.Conflict, journal.Invalid, journal.Failed} {
		if n := t.Rows[status]; n > 0 {
			fmt.Fprintf(p.out, "  %-12s %8d\n", status, n)
		}
	}
	if t.Noted > 0 {
		fmt.Fprintf(p.out, "  %-12s %8d\n", "with notes", t.Noted)
	}
	if t.Puts > 0 {
		fmt.Fprintf(p.out, "  %-12s %8s  for %s at %s\n", "time", shortestTime(r, t), counted(t.Requests+t.Puts, "request"), r)
		fmt.Fprintf(p.out, "  %-12s %s\n", "digest", t.Digest)
		fmt.Fprintf(p.out, "\nsend exactly these changes with\n  %s\n", c.applyCommand(t, line))
	}
	return nil
}

// applyCommand returns the command that sends exactly the changes of the plan.
func (c *planCmd) applyCommand(t plan.Totals, line *kong.Context) string {
	return c.shell.commandLine(c.applyWords(t, line))
}

// applyWords returns the words of that command.
func (c *planCmd) applyWords(t plan.Totals, line *kong.Context) []string {
	own := []string{"json", "html", "dry-run"}
	if line.Selected().Name == "plan" { // those of a dry run are for the run as well
		own = append(own, "quiet", "summary", "metrics")
	}
	args := append(argumentsOf(line, named(own...)), "--skip-unchanged", "--expect", t.Digest)
	if c.File == "-" && !isGiven(line, "results") {
		args = append(args, "--results", "results.csv")
	}
	return commandWords("sync", args)
}

// shortestTime returns the shortest time in which the requests of a run can be sent.
func shortestTime(r quota.Rate, t plan.Totals) string {
	return short(r.Duration(t.Requests + t.Puts))
}

// planJSON prints a plan for a program.
type planJSON struct {
	out    *json.Encoder
	output *planOutput
}

// entryReport is a row of the plan.
type entryReport struct {
	Format  int                `json:"format"`
	Line    int                `json:"line"`
	GroupID string             `json:"groupId"`
	Status  journal.Status     `json:"status"`
	Clears  *clearReport       `json:"clears,omitempty"`
	Changes []plan.FieldChange `json:"changes,omitempty"`
	Reason  string             `json:"reason,omitempty"`
	Notes   []string           `json:"notes,omitempty"`
}

// clearReport is a group whose external id is cleared before another group gets it.
type clearReport struct {
	GroupID             int32  `json:"groupId"`
	ExternalReferenceID string `json:"externalReferenceId"`
}

func (p *planJSON) entry(e plan.Entry) error {
	if e.Status == journal.Unchanged && len(e.Notes) == 0 {
		return nil
	}
	r := entryReport{Format: jsonFormat, Line: e.Line, GroupID: e.GroupID, Status: e.Status, Changes: e.Changes(), Reason: e.Reason, Notes: e.Notes}
	if e.Cleared != nil {
		r.Clears = &clearReport{e.Cleared.ID, e.Cleared.ExternalReferenceID}
	}
	return p.out.Encode(r)
}

// planEnd is the last line of the JSON output of a plan.
type planEnd struct {
	Format  int        `json:"format"`
	Summary reportHead `json:"summary"`
}

func (p *planJSON) end(_ *planCmd, t plan.Totals, _ quota.Rate, _ *kong.Context) error {
	return p.out.Encode(planEnd{jsonFormat, p.output.report(t, nil, planExitCode(t))})
}
