package main

import (
	"context"
	"errors"
	"time"

	"groupsync/ecwid"
	"groupsync/sync"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
	"groupsync/sync/quota"

	"github.com/alecthomas/kong"
	"github.com/rs/zerolog"
)

// planReportFlags say what is reported about a plan, and where.
type planReportFlags struct {
	Quiet   bool   `group:"Output" help:"Print nothing if nothing would change, and the plan otherwise: for cron."`
	Summary string `group:"Output" placeholder:"FILE" help:"Also write the summary of the plan to this file, as JSON, however the plan ends."`
	Metrics string `group:"Output" placeholder:"TARGET" help:"Where to write the metrics of the plan for Prometheus: a file for the node exporter (NAME.prom), other than the file that sync writes, or the http or https address of a Pushgateway."`
}

// planReport is the JSON form of the totals of a plan. The summary of a plan has one, and so does the summary of a run
// that made a plan.
type planReport struct {
	Digest string `json:"digest"`
	Groups int    `json:"groups"`
	// Rows are the rows of the file by the status that a run would give them.
	Rows map[string]int `json:"rows"`
	// Changes is the number of updates that a run would send, and Clears how many of them clear an external id.
	Changes   int     `json:"changes"`
	Clears    int     `json:"clears"`
	WithNotes int     `json:"withNotes"`
	Seconds   float64 `json:"seconds"` // shortest time in which the requests of a run can be sent
}

func newPlanReport(t plan.Totals, r quota.Rate) *planReport {
	return &planReport{
		Digest: t.Digest, Groups: t.Groups, Rows: byStatus(t.Rows), Changes: t.Puts, Clears: t.Clears, WithNotes: t.Noted,
		Seconds: r.Duration(t.Requests + t.Puts).Round(time.Second).Seconds(),
	}
}

// planOutput is what a plan reports besides the plan itself.
type planOutput struct {
	program *program
	command *planCmd
	line    *kong.Context
	began   time.Time

	log     zerolog.Logger
	buffer  *logBuffer // nil: logs are written at once
	metrics *metrics   // nil: there are none

	input *input     // nil: not opened
	rate  quota.Rate // zero: not known
}

func newPlanOutput(p *program, c *planCmd, line *kong.Context) *planOutput {
	o := &planOutput{program: p, command: c, line: line, began: time.Now()}
	if c.Metrics != "" {
		o.metrics = newPlanMetrics(c.Metrics, c.storeID())
	}
	if !c.Quiet {
		o.log = c.logger(p, p.stderr, c.console(p.stderr), p.usesColor(p.stderr))
		return o
	}
	o.buffer = &logBuffer{}
	o.log = c.logger(p, o.buffer, c.console(p.stderr) || c.LogFormat == "auto", false)
	o.log = o.log.Level(max(o.log.GetLevel(), zerolog.WarnLevel))
	return o
}

// hooks returns the hooks that are called while the plan is made.
func (o *planOutput) hooks() sync.Hooks {
	h := waitHooks(o.log)
	h.Profile = func(profile ecwid.Profile) { o.command.storeName = profile.StoreName }
	return h
}

// targets returns the files that the plan writes besides standard output.
func (o *planOutput) targets() []target {
	c := o.command
	var all []target
	for _, t := range []target{{name: "--html", path: c.HTML}, {name: "--summary", path: c.Summary}, {name: "--metrics", path: o.metrics.file()}} {
		if t.path != "" {
			t.written = true
			all = append(all, t)
		}
	}
	return all
}

// checkTargets returns an error for each of these files that cannot be written. Such a file is not written when the plan
// ends either: it may be the input.
func (o *planOutput) checkTargets() error {
	c := o.command
	clashing := checkDistinct(append(c.targets(o.program), o.targets()...))
	summaryErr := checkTarget("--summary", c.Summary)
	metricsErr := errors.Join(o.metrics.check(), checkTarget("--metrics", o.metrics.file()), o.metrics.checkOwner(runMetric, "sync"))
	if summaryErr != nil || clashes(clashing, "--summary") {
		c.Summary = ""
	}
	if metricsErr != nil || clashes(clashing, "--metrics") {
		o.metrics = nil
	}
	return errors.Join(append(clashing, summaryErr, metricsErr)...)
}

// end writes the summary and the metrics, and returns err, or the code of the totals. The metrics of a failed plan are
// not written: the age of the last plan shows the failure.
func (o *planOutput) end(totals plan.Totals, err error) error {
	code := planExitCode(totals)
	if err != nil {
		code = exitCodeOf(err)
	}
	var notWritten error
	if o.command.Summary != "" {
		notWritten = writeSummary(o.command.Summary, o.report(totals, err, code))
	}
	if notWritten != nil {
		o.log.Error().Msg(explain(notWritten))
	}
	if err == nil {
		if notSent := o.metrics.sendPlan(context.Background(), totals, time.Now()); notSent != nil {
			o.log.Warn().Msg(explain(notSent))
		}
	}
	if o.buffer != nil && (code != exitGood || notWritten != nil) {
		o.buffer.writeTo(o.program.stderr)
	}
	if err == nil && code != exitGood {
		return exitCode(code)
	}
	return err
}

// report returns the summary of the plan.
func (o *planOutput) report(totals plan.Totals, err error, code int) reportHead {
	c := o.command
	ended := time.Now()
	r := reportHead{
		Format:    jsonFormat,
		Command:   "plan",
		Version:   programVersion(),
		RunID:     o.program.runID,
		Store:     c.storeID(),
		StoreName: c.storeName,
		ExitCode:  code,
		Started:   o.began.UTC(),
		Ended:     ended.UTC(),
		Seconds:   seconds(ended.Sub(o.began)),
		Input:     newInputReport(c.name(), o.input),
		Requests:  totals.Requests,
	}
	if start, ok := errors.AsType[*startError](err); ok {
		err = start.err
	}
	if err != nil {
		r.Error = explain(err)
		return r
	}
	r.Plan = newPlanReport(totals, o.rate)
	if totals.Puts > 0 {
		r.Next, r.NextArgs = c.applyCommand(totals, o.line), c.applyWords(totals, o.line)
	}
	return r
}

// quietPlan prints a plan with another printer, unless nothing would change.
type quietPlan struct{ planPrinter }

func (q quietPlan) entry(e plan.Entry) error {
	if e.Status == journal.Unchanged { // notes alone do not justify an email
		return nil
	}
	return q.planPrinter.entry(e)
}

func (q quietPlan) end(c *planCmd, t plan.Totals, r quota.Rate, line *kong.Context) error {
	if planExitCode(t) == exitGood && len(t.Rows) > 0 {
		return nil
	}
	return q.planPrinter.end(c, t, r, line)
}

// planExitCode returns the code for a plan with these totals.
func planExitCode(t plan.Totals) int {
	switch {
	case !t.Good():
		return exitNotGood
	case t.Puts > 0:
		return exitChanges
	}
	return exitGood
}
