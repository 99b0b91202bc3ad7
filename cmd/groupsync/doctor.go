package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"groupsync/ecwid"
	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/quota"

	"github.com/alecthomas/kong"
)

// doctorCmd takes every flag of sync: to examine a command line that fails, replace the word sync.
type doctorCmd struct {
	syncCmd

	JSON bool `group:"Output" name:"json" help:"Print one JSON object, for programs."`
}

// makeFileOptional makes FILE optional for doctor, which has the arguments of sync.
func makeFileOptional(app *kong.Application) {
	for _, node := range app.Children {
		if node.Name == "doctor" {
			node.Positional[0].Required = false
		}
	}
}

// The statuses of a finding: after an error, a run with the same settings would not start or would end at once; after a
// warning, it would run, but something needs attention. A check is skipped if an earlier finding makes it impossible.
const (
	findingOK      = "ok"
	findingWarning = "warning"
	findingError   = "error"
	findingSkipped = "skipped"
)

// finding is the outcome of one check.
type finding struct {
	Check   string `json:"check"`
	Status  string `json:"status"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// doctor checks what a run needs. It changes nothing: it sends no update that could be applied, and it removes the
// temporary files with which it tests whether a folder is writable.
type doctor struct {
	c       *doctorCmd
	program *program
	line    *kong.Context

	findings []finding
	rate     quota.Rate
	file     *groupfile.Check // nil: not read
	store    storeFacts
}

// storeFacts describes the store. Groups is nil if it is unknown.
type storeFacts struct {
	ID        string `json:"id"`
	Name      string `json:"name,omitempty"`
	Suspended bool   `json:"suspended"`
	Groups    *int   `json:"groups"`
}

func (c *doctorCmd) Run(p *program, line *kong.Context) error {
	ctx, _ := p.untilSignal(c.MaxDuration)
	d := &doctor{c: c, program: p, line: line, store: storeFacts{ID: c.storeID()}}
	d.examine(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var out bytes.Buffer
	if c.JSON {
		d.json(&out)
	} else {
		d.text(&out)
	}
	if _, err := p.stdout.Write(out.Bytes()); err != nil {
		return &sync.InterruptedError{Err: fmt.Errorf("the findings cannot be written: %w", err)}
	}
	if code := d.exitCode(); code != exitGood {
		return exitCode(code)
	}
	return nil
}

// examine runs all checks, first those that need no request: a request with wrong settings is useless.
func (d *doctor) examine(ctx context.Context) {
	d.rate, _ = d.c.pace()
	d.checkSettings()
	ready := d.checkToken()
	d.checkFile(ctx)
	d.checkBase(ctx)
	if ready && d.rate.Requests > 0 {
		d.checkStore(ctx)
	} else {
		d.skip("address", "no request was sent, because the settings are not usable")
	}
	d.checkPace()
	d.checkTargets(ctx)
}

func (d *doctor) ok(check, format string, args ...any) {
	d.findings = append(d.findings, finding{check, findingOK, fmt.Sprintf(format, args...), ""})
}

func (d *doctor) skip(check, format string, args ...any) {
	d.findings = append(d.findings, finding{check, findingSkipped, fmt.Sprintf(format, args...), ""})
}

func (d *doctor) warn(check, message, hint string) {
	d.findings = append(d.findings, finding{check, findingWarning, message, hint})
}

// fail adds a finding for each of the errors that are joined in err. Its hint is advice, or that of the error if advice
// is "".
func (d *doctor) fail(check string, err error, advice string) {
	for _, single := range unjoined(err) {
		h := advice
		if h == "" {
			h = hint(single)
		}
		d.findings = append(d.findings, finding{check, findingError, single.Error(), h})
	}
}

// count returns the number of findings with a status.
func (d *doctor) count(status string) (n int) {
	for _, f := range d.findings {
		if f.Status == status {
			n++
		}
	}
	return n
}

func (d *doctor) exitCode() int {
	switch {
	case d.count(findingError) > 0:
		return exitNotStarted
	case d.count(findingWarning) > 0:
		return exitNotGood
	}
	return exitGood
}

// checkFile reads FILE as check does.
func (d *doctor) checkFile(ctx context.Context) {
	if d.c.File == "" {
		d.skip("file", "no file was given")
		return
	}
	if d.c.File == "-" {
		d.skip("file", "standard input is not read, so that the run can read it")
		return
	}
	check := checkCmd{readingFlags: d.c.readingFlags}
	found, err := check.check(ctx, d.program)
	if err != nil {
		d.fail("file", err, "")
		return
	}
	d.file = &found
	if err := d.c.tooFewRows(found.Sendable + found.Invalid); err != nil {
		d.fail("file", err, "")
		return
	}
	switch {
	case found.Sendable+found.Invalid == 0:
		d.warn("file", d.c.File+" has no rows below its header", "")
	case !found.Good():
		d.warn("file", fmt.Sprintf("%s has %s to send, and %s", d.c.File, counted(found.Sendable, "row"), notGood(found)), "groupsync check lists the bad rows")
	default:
		d.ok("file", "%s has %s to send", d.c.File, counted(found.Sendable, "row"))
	}
}

// notGood returns how many rows of a file cannot be sent, or would be refused.
func notGood(found groupfile.Check) string {
	var faults []string
	if found.Invalid > 0 {
		faults = append(faults, counted(found.Invalid, "invalid row"))
	}
	if found.Conflicting > 0 {
		faults = append(faults, counted(found.Conflicting, "row")+" with an external id of another group")
	}
	return strings.Join(faults, " and ")
}

// checkBase reads the base as a run does: the file of --base, or the base that a workbook contains.
func (d *doctor) checkBase(ctx context.Context) {
	c := &d.c.syncCmd
	var rows *groupfile.Input
	if c.Base == "" {
		if d.file == nil || d.file.Format.Encoding != "xlsx" {
			return
		}
		in, err := openInput(ctx, c.File, d.program.stdin)
		if err != nil {
			return // checkFile has reported it
		}
		defer in.close()
		if rows, err = c.openRows(ctx, in, c.spool(false, journal.Results{})); err != nil {
			return
		}
	}
	base, err := c.baseFlags.open(ctx, &c.readingFlags, rows, c.storeID())
	defer base.close()
	switch {
	case err != nil:
		d.fail("base", err, "")
	case base.note != "":
		d.ok("base", "rows are %s", base.note)
	}
}

// exampleRows is the number of rows for which checkPace calculates the duration if there is no file.
const exampleRows = 10_000

// checkPace reports the shortest time that a run can take.
func (d *doctor) checkPace() {
	if d.rate.Requests == 0 {
		return
	}
	rows := exampleRows
	if d.file != nil {
		rows = d.file.Sendable
	}
	message := fmt.Sprintf("%s at %s: %s", counted(rows, "row"), d.rate, short(d.rate.Duration(rows)))
	if d.store.Groups != nil {
		message += fmt.Sprintf("; --skip-unchanged lists the groups with %s, and then sends only what differs",
			counted(1+*d.store.Groups/ecwid.PageSize, "request"))
	}
	if allowed := (quota.Rate{Requests: 600, Window: time.Minute}); float64(d.rate.Requests)/d.rate.Window.Seconds() > float64(allowed.Requests)/allowed.Window.Seconds() {
		d.warn("pace", message, fmt.Sprintf("Ecwid allows %s for each token, and responds with 429 above that: lower --rate", allowed))
		return
	}
	d.ok("pace", "%s", message)
}
