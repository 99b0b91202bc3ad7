package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	stdsync "sync"
	"time"

	"groupsync/ecwid"
	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/plan"

	"github.com/alecthomas/kong"
	"github.com/rs/zerolog"
)

const (
	// loggedRows is how many bad rows are logged, each on its line.
	loggedRows = 10
	// aliveEvery is how often the log says that the run goes on, redrawEvery how often the status line does.
	aliveEvery  = time.Minute
	redrawEvery = 200 * time.Millisecond
)

// outputFlags say what else is told of a run.
type outputFlags struct {
	Quiet   bool   `group:"Output" help:"Print nothing if every row is good, and otherwise the bad rows and the summary: for cron."`
	Summary string `group:"Output" placeholder:"FILE" help:"Also write the summary to this file, as JSON, however the run ends."`
	Metrics string `group:"Output" placeholder:"TARGET" help:"Where to write metrics for Prometheus when the run ends: a file for the node exporter (NAME.prom), or the http or https address of a Pushgateway."`
}

// output is what a run tells the person or the program that started it, on standard error and in files.
type output struct {
	program *program
	command *syncCmd
	line    *kong.Context // the command line
	began   time.Time

	log     zerolog.Logger
	console bool
	status  *statusLine // nil: there is none
	held    *held       // nil: nothing is held back
	metrics *metrics    // nil: there are none

	// Of a run that could start:
	job      *sync.Job
	input    *input
	progress *progress
	stop     func() // ends what runs beside it

	mu        stdsync.Mutex
	bad       int
	storeName string      // "": unknown
	plan      *planReport // nil: none was made
}

func newOutput(p *program, c *syncCmd, line *kong.Context) *output {
	o := &output{program: p, command: c, line: line, began: time.Now(), console: c.console(p.stderr)}
	if c.Metrics != "" {
		o.metrics = newMetrics(c.Metrics, c.storeID())
	}
	terminal, _ := p.stderr.(*os.File)
	switch {
	case c.Quiet:
		// A mail is read by a person as well.
		o.console = o.console || c.LogFormat == "auto"
		o.held = &held{}
		o.log = c.logger(p, o.held, o.console, false)
		o.log = o.log.Level(max(o.log.GetLevel(), zerolog.WarnLevel))
	case o.console && isTerminal(p.stderr):
		o.status = p.newStatusLine(terminal)
		o.log = c.logger(p, o.status, true, p.usesColour(p.stderr))
	default:
		o.log = c.logger(p, zerolog.SyncWriter(p.stderr), o.console, false)
	}
	return o
}

// start takes the job that is about to run, and begins what runs beside it, until stop.
func (o *output) start(ctx context.Context, job *sync.Job, in *input) {
	o.job, o.input = job, in
	o.progress = newProgress(job.Rate, job.Limit)
	job.Hooks = o.hooks()
	shown, cancel := context.WithCancel(context.WithoutCancel(ctx)) // also while it stops
	counting, stopCounting := context.WithCancel(ctx)
	var beside stdsync.WaitGroup
	beside.Go(func() {
		select {
		case <-ctx.Done():
			o.progress.stop()
			o.log.Info().Msg("stopping: the requests under way may finish, 10 s at most; a second signal ends at once")
		case <-shown.Done():
		}
	})
	switch {
	case o.held != nil:
	case o.status != nil && !(o.command.Results == "-" && isTerminal(o.program.stdout)):
		beside.Go(func() { every(shown, redrawEvery, func() { o.status.set(o.progress.line(time.Now())) }) })
		beside.Go(func() {
			if !job.Input.Repeatable() {
				return
			}
			job.Input.Again(counting, func(in *groupfile.Reader) error { // without a total the line just says less
				rows, err := count(in)
				if err == nil {
					o.progress.counted(rows)
				}
				return err
			})
		})
	default:
		beside.Go(func() { every(shown, aliveEvery, o.alive) })
	}
	o.stop = func() {
		cancel()
		stopCounting()
		beside.Wait()
		if o.status != nil {
			o.status.set("")
		}
	}
}

// every calls f again and again until ctx ends.
func every(ctx context.Context, d time.Duration, f func()) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			f()
		case <-ctx.Done():
			return
		}
	}
}

// alive says that the run goes on, even when no row does.
func (o *output) alive() {
	event := o.log.Info()
	for _, status := range journal.Statuses() {
		if n := o.progress.counts()[status]; n > 0 {
			event.Int(string(status), n)
		}
	}
	if state := o.progress.state(time.Now()); state != "" {
		event.Str("state", state)
	}
	event.Msg("running")
}

// hooks are called while the run goes.
func (o *output) hooks() sync.Hooks {
	h := waitingHooks(o.log)
	h.Begun = o.progress.begun
	h.Settled = func(outcome sync.Outcome) {
		o.progress.settled(outcome.Status)
		if outcome.Status.Good() {
			o.log.Debug().Int("line", outcome.Line).Str("groupId", outcome.GroupID).Str("status", string(outcome.Status)).Msg("row settled")
			return
		}
		o.badRow(outcome)
	}
	h.Profile = func(profile ecwid.Profile) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.storeName = profile.StoreName
	}
	h.Planned = func(totals plan.Totals) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.plan = newPlanReport(totals, o.job.Rate)
	}
	paused, outage, back, deferred := h.Paused, h.Outage, h.Back, h.Deferred
	h.Paused = func(until time.Time, retryAfter time.Duration) {
		if o.progress.paused(until) {
			paused(until, retryAfter)
		}
	}
	h.Deferred = func(rows int) {
		if o.progress.deferred(time.Now()) {
			deferred(rows)
		}
	}
	h.Outage = func(since, until time.Time, cause error) {
		o.progress.silent(since)
		outage(since, until, cause)
	}
	h.Back = func(after time.Duration) {
		o.progress.back(after)
		back(after)
	}
	return h
}

func (o *output) badRow(outcome sync.Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bad++
	switch {
	case o.bad <= loggedRows:
		o.log.Warn().Int("line", outcome.Line).Str("groupId", outcome.GroupID).Str("status", string(outcome.Status)).Msg(outcome.Reason)
	case o.bad == loggedRows+1:
		o.log.Warn().Msg("further bad rows are counted only: the results name them all")
	}
}

// end says how the run ended, and waits for nobody once again is closed. Its error is the exit code, or what is left for [program.report] to say.
func (o *output) end(s sync.Summary, err error, again <-chan struct{}) error {
	code := exitCodeOfRun(s, err)
	if s.Started.IsZero() { // it could not start, or did not come to its end
		s.Started, s.Elapsed = o.began, time.Since(o.began)
		if o.progress != nil {
			s.Rows = o.progress.counts()
		}
	}
	// What writes to standard error may be blocked, and comes after what does not.
	notTold := o.tell(s, err, code)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-again:
			cancel()
		case <-ctx.Done():
		}
	}()
	notSent := o.metrics.send(ctx, s, code)
	if o.stop != nil {
		o.stop()
	}
	for _, err := range notTold {
		o.log.Error().Msg(explain(err))
	}
	if notSent != nil {
		o.log.Warn().Msg(explain(notSent))
	}
	_, locked := errors.AsType[*journal.LockedError](err)
	notStarted := locked || code == exitNotStarted || code == exitBug || o.job == nil
	if o.held != nil {
		if code == exitGood && notTold == nil && s.CompleteSince.IsZero() && !noRows(s) {
			return nil
		}
		o.held.release(o.program.stderr)
	}
	if notStarted {
		next := o.next(s, err, code)
		return &startError{err, advice(code, err) + ": " + cmp.Or(next, quoted("sync", []string{"--help"})), next}
	}
	o.summary(s, err, code)
	if code == exitGood {
		return nil
	}
	return exitCode(code)
}

// held keeps what is logged until it is known whether anyone is to read it.
type held struct {
	mu  stdsync.Mutex
	buf bytes.Buffer
}

// maxHeld bounds what is kept, in bytes: the first lines tell most.
const maxHeld = 64 << 10

func (h *held) Write(line []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.buf.Len()+len(line) <= maxHeld {
		h.buf.Write(line)
	}
	return len(line), nil
}

func (h *held) release(to io.Writer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.buf.WriteTo(to)
}
