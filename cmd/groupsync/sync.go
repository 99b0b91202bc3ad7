package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/plan"

	"github.com/alecthomas/kong"
)

// syncCmd is the configuration of a run.
type syncCmd struct {
	storeFlags

	Results   string        `group:"Results" env:"GROUPSYNC_RESULTS" placeholder:"FILE" help:"File for the outcome of each row; \"-\" is standard output. Default: FILE with the extension .results.csv."`
	Resume    bool          `group:"Results" env:"GROUPSYNC_RESUME" help:"Continue an interrupted run. If there is no results file, start a run."`
	Retry     bool          `group:"Results" env:"GROUPSYNC_RETRY" help:"After correcting FILE: send the rows that were not good, have changed or are new, and keep the results of the others. If there is no results file, start a run."`
	Overwrite bool          `group:"Results" env:"GROUPSYNC_OVERWRITE" help:"Replace an existing results file."`
	LockWait  time.Duration `group:"Results" placeholder:"TIME" help:"How long to wait while another run writes to the same results. Default: 0."`

	inputFlags
	baseFlags

	Limit         int    `group:"Changes" placeholder:"N" help:"Stop after this many rows, for a trial run. --resume continues the run."`
	SkipUnchanged bool   `group:"Changes" help:"List the store's groups first, and send only what differs."`
	DryRun        bool   `group:"Changes" help:"Send nothing, and print what would be sent, as groupsync plan does."`
	MaxChanges    string `group:"Changes" placeholder:"N|P%" help:"Send nothing if the plan has more changes than this: a number, or a percentage of the store's groups."`
	Expect        string `group:"Changes" placeholder:"DIGEST" help:"Send nothing unless the plan of the whole file has this digest. A resumed run does not check it again."`
	Backup        string `group:"Changes" placeholder:"FILE" help:"Write the store's groups to this new file before the first change. It is an Excel workbook if its name ends in .xlsx. To restore them: sync --blank clear --skip-unchanged FILE."`

	paceFlags
	Concurrency int           `group:"Rate and retries" env:"GROUPSYNC_CONCURRENCY" default:"10" placeholder:"N" help:"Requests in flight at once (${default})."`
	MaxFailures int           `group:"Rate and retries" placeholder:"N" help:"Stop after this many failed rows."`
	MaxDuration time.Duration `group:"Rate and retries" env:"GROUPSYNC_MAX_DURATION" placeholder:"TIME" help:"Time limit for the whole run. --resume continues the run."`

	outputFlags
	logFlags
}

func (c *syncCmd) Run(p *program, line *kong.Context) error {
	if c.DryRun {
		dryRun := planCmd{
			storeFlags: c.storeFlags, inputFlags: c.inputFlags, baseFlags: c.baseFlags, paceFlags: c.paceFlags, logFlags: c.logFlags, limit: c.Limit,
			planReportFlags: planReportFlags{Quiet: c.Quiet, Summary: c.Summary},
		}
		return dryRun.Run(p, line)
	}
	// The heap is small unless the run lists the store's groups. Collecting garbage half as often then takes 3 MB more and
	// 6 % less time.
	if p.getenv("GOGC") == "" && !c.readsTwice() {
		debug.SetGCPercent(200)
	}
	ctx, second := p.untilSignal(c.MaxDuration)

	out := newOutput(p, c, line)
	job, in, closeAll, err := c.job(ctx, p, line, out)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return out.end(sync.Summary{}, err, second)
	}
	defer closeAll()

	out.start(ctx, job, in)
	logHeader(out.log, job.Input.Reader())
	type result struct {
		summary sync.Summary
		err     error
	}
	finished := make(chan result, 1)
	go func() {
		summary, err := job.Run(ctx)
		finished <- result{summary, err}
	}()
	r := result{}
	select {
	case r = <-finished:
	case <-second:
		r.err = &sync.InterruptedError{Err: errors.New("stopped at once by a second signal")}
	}
	return out.end(r.summary, r.err, second)
}

// job returns the job of the run. It checks everything that can be checked without a request, and returns all errors
// together.
func (c *syncCmd) job(ctx context.Context, p *program, line *kong.Context, out *output) (*sync.Job, *input, func(), error) {
	rate, _ := c.pace()
	maxChanges, _ := c.maxChanges()
	errs := []error{c.checkFlags(line)}
	clashing := checkDistinct(c.targets(p, out.metrics.file()))
	errs = append(errs, clashing...)
	errs = append(errs, out.checkTargets(clashing))

	client, closeClient, err := c.client(p, line, c.Concurrency, out.metrics.instrument())
	errs = append(errs, err)
	in, err := openInput(ctx, c.File, p.stdin)
	errs = append(errs, err)
	results := c.results(p.stdout)
	if c.Backup != "" && !clashes(clashing, "--backup") {
		errs = append(errs, results.CheckBackup(c.Backup))
	}

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
	var rows *groupfile.Input
	// After another error, standard input is not read: it may be a terminal at which nobody types.
	if in != nil && (c.File != "-" || errors.Join(errs...) == nil) {
		rows, err = c.openRows(ctx, in, c.spool(c.readsTwice() || results.IsRetry(), results))
		errs = append(errs, err)
		if err == nil && c.sandbox != nil {
			errs = append(errs, addGroups(ctx, c.sandbox, rows, c.Key))
		}
		base, err = c.baseFlags.open(ctx, &c.readingFlags, rows, c.storeID())
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		closeAll()
		if !clashes(clashing, "the results") { // otherwise the hint would be to replace another file
			err = errors.Join(err, results.Check())
		}
		return nil, nil, nil, err
	}
	out.base = base
	return &sync.Job{
		Base:          base.rows,
		Input:         rows,
		Client:        client,
		Results:       results,
		Rate:          rate,
		Concurrency:   c.Concurrency,
		Timeout:       c.Timeout,
		MaxAttempts:   c.MaxAttempts,
		MaxFailures:   c.MaxFailures,
		MaxOutage:     c.maxOutage(),
		Limit:         c.Limit,
		SkipUnchanged: c.SkipUnchanged,
		Backup:        c.Backup,
		MaxChanges:    maxChanges,
		Expect:        c.Expect,
	}, in, closeAll, nil
}

// checkFlags returns an error for each wrong value of a flag, and for each wrong combination of flags.
func (c *syncCmd) checkFlags(line *kong.Context) error {
	_, rateErr := c.pace()
	errs := []error{rateErr, c.checkGuards(line), c.baseFlags.check(line)}
	complain := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	complain(c.Concurrency < 1 || c.Concurrency > maxConcurrency, "--concurrency is %d: it must be from 1 to %d", c.Concurrency, maxConcurrency)
	complain(c.MaxFailures < 0, "--max-failures is %d: it must not be negative", c.MaxFailures)
	complain(c.Limit < 0, "--limit is %d: it must not be negative", c.Limit)
	complain(c.LockWait < 0, "--lock-wait is %v: it must not be negative", c.LockWait)
	complain(c.MaxDuration < 0, "--max-duration is %v: it must not be negative", c.MaxDuration)
	complain(c.Resume && c.Overwrite, "--resume and --overwrite cannot be used together: the first continues the results, the second replaces them")
	complain(c.Retry && c.Overwrite, "--retry and --overwrite cannot be used together: the first keeps the good rows of the results, the second replaces them all")
	complain(c.Retry && c.Resume, "--retry and --resume cannot be used together: the first is for a file that was edited, the second for one that was not")
	complain(c.Retry && c.Results == "-", "--retry needs a results file: standard output cannot be read")
	complain(c.Resume && c.Results == "-", "--resume needs a results file: standard output cannot be read")
	complain(c.File == "-" && c.Results == "", "--results is required if FILE is standard input")
	complain(groupfile.IsWorkbook(c.Results), "--results %s: results are written as CSV, not as a workbook: choose a name that ends in .csv", c.Results)
	_, maxChangesErr := c.maxChanges()
	return errors.Join(append(errs, maxChangesErr)...)
}

// checkGuards refuses empty values of flags that protect the store: a variable in a script may be empty by mistake.
func (c *syncCmd) checkGuards(line *kong.Context) error {
	var errs []error
	for _, guard := range []struct{ flag, value string }{{"expect", c.Expect}, {"max-changes", c.MaxChanges}, {"backup", c.Backup}} {
		if guard.value == "" && isGiven(line, guard.flag) {
			errs = append(errs, fmt.Errorf("--%s must not be empty", guard.flag))
		}
	}
	return errors.Join(errs...)
}

func (c *syncCmd) maxChanges() (plan.Limit, error) {
	if c.MaxChanges == "" {
		return plan.Limit{}, nil
	}
	limit, err := plan.ParseLimit(c.MaxChanges)
	if err != nil {
		err = fmt.Errorf("--max-changes %w", err)
	}
	return limit, err
}

// maxConcurrency is about the number of rows that a run reads ahead: further workers would have nothing to do.
const maxConcurrency = 1000

// results returns where the results go, and what to do with existing ones.
func (c *syncCmd) results(stdout io.Writer) journal.Results {
	r := journal.Results{Path: c.Results, Resume: c.Resume, Retry: c.Retry, Overwrite: c.Overwrite, LockWait: c.LockWait, StoreID: c.storeID()}
	switch {
	case c.Results == "-":
		r.Stdout = stdout
	case c.Results == "":
		r.Path = resultsOf(c.File, ".results.csv")
		if c.Sandbox {
			r.Path = resultsOf(c.File, ".sandbox.results.csv")
			r.Overwrite = !c.Resume && !c.Retry
		}
	}
	return r
}

// resultsOf returns the path of an input with another extension.
func resultsOf(input, extension string) string {
	return strings.TrimSuffix(input, filepath.Ext(input)) + extension
}
