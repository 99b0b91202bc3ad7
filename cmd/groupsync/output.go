package main

import (
	"cmp"
	"context"
	"io"
	"os"
	stdsync "sync"
	"time"

	"groupsync/sync"
	"groupsync/sync/groupfile"

	"github.com/alecthomas/kong"
	"github.com/rs/zerolog"
)

// The rules for output:
//
//   - Standard output carries what a command was asked for: a plan, a report, groups, results with "--results -". It
//     stays empty otherwise.
//   - Standard error carries the rest: logs, progress, the summary, and why a command could not start.
//   - A person on a terminal gets plain lines, one status line, and colors; a program gets JSON, one object per line,
//     times in RFC 3339 and UTC. --log-format overrides that choice.
//   - Text from outside passes through [printable] before a person sees it; JSON has escapes of its own.
//   - A good row has no log line above level debug. The first bad rows have one each; after that they are counted.
//   - Without a terminal, one line a minute shows that the run is still active.
//   - An error is explained once, by [explain]. After any exit code but 0, the last line is the command that continues.
//   - The files of --summary and --metrics, and the termination message of a pod, are written before the summary is
//     printed: standard error may block.
//
// output applies these rules to a run.
type output struct {
	program *program
	command *syncCmd
	line    *kong.Context // the command line
	began   time.Time

	log     zerolog.Logger
	console bool
	status  *statusLine // nil: there is none
	buffer  *logBuffer  // nil: logs are written at once
	metrics *metrics    // nil: no metrics are written

	// Set only if the run could start:
	job      *sync.Job
	base     openBase
	input    *input
	progress *progress
	stop     func() // ends the goroutines that show progress

	mu        stdsync.Mutex
	badRows   int
	storeName string      // "": unknown
	plan      *planReport // nil: none was made
}

// outputFlags say what a run reports, and where.
type outputFlags struct {
	Quiet   bool   `group:"Output" help:"Print nothing if every row is good, and otherwise the bad rows and the summary: for cron."`
	Summary string `group:"Output" placeholder:"FILE" help:"Also write the summary to this file, as JSON, however the run ends."`
	Metrics string `group:"Output" placeholder:"TARGET" help:"Where to write metrics for Prometheus when the run ends: a file for the node exporter (NAME.prom), or the http or https address of a Pushgateway."`
}

const (
	// maxLoggedRows is how many bad rows are logged.
	maxLoggedRows = 10
	// aliveInterval is how often the log says that the run is still active, and redrawInterval how often the status
	// line changes.
	aliveInterval  = time.Minute
	redrawInterval = 200 * time.Millisecond
)

func newOutput(p *program, c *syncCmd, line *kong.Context) *output {
	o := &output{program: p, command: c, line: line, began: time.Now(), console: c.console(p.stderr)}
	if c.Metrics != "" {
		o.metrics = newMetrics(c.Metrics, c.storeID())
	}
	terminal, _ := p.stderr.(*os.File)
	switch {
	case c.Quiet:
		// cron mails the output to a person.
		o.console = o.console || c.LogFormat == "auto"
		o.buffer = &logBuffer{}
		o.log = c.logger(p, o.buffer, o.console, false)
		o.log = o.log.Level(max(o.log.GetLevel(), zerolog.WarnLevel))
	case o.console && isTerminal(p.stderr):
		o.status = p.newStatusLine(terminal)
		o.log = c.logger(p, o.status, true, p.usesColor(p.stderr))
	default:
		o.log = c.logger(p, zerolog.SyncWriter(p.stderr), o.console, false)
	}
	return o
}

// start prepares the output for a job that is about to run, and shows its progress until stop is called.
func (o *output) start(ctx context.Context, job *sync.Job, in *input) {
	o.job, o.input = job, in
	o.progress = newProgress(job.Rate, job.Limit)
	job.Hooks = o.hooks()
	shown, stopShowing := context.WithCancel(context.WithoutCancel(ctx)) // also while the run is stopping
	if o.base.note != "" {
		o.log.Info().Msg(o.base.note)
	}
	counting, stopCounting := context.WithCancel(ctx)
	var goroutines stdsync.WaitGroup
	goroutines.Go(func() {
		select {
		case <-ctx.Done():
			o.progress.stop()
			o.log.Info().Msg("stopping: requests in flight have 10 s to finish; a second signal ends the run at once")
		case <-shown.Done():
		}
	})
	switch {
	case o.buffer != nil:
	case o.status != nil && !(o.command.Results == "-" && isTerminal(o.program.stdout)):
		goroutines.Go(func() { every(shown, redrawInterval, func() { o.status.set(o.progress.line(time.Now())) }) })
		goroutines.Go(func() { o.countRows(counting, job.Input) })
	default:
		goroutines.Go(func() { every(shown, aliveInterval, o.logAlive) })
	}
	o.stop = func() {
		stopShowing()
		stopCounting()
		goroutines.Wait()
		if o.status != nil {
			o.status.set("")
		}
	}
}

// countRows counts the rows of an input that can be read again, for the progress: without it, the total is not shown.
func (o *output) countRows(ctx context.Context, in *groupfile.Input) {
	if !in.Repeatable() {
		return
	}
	_ = in.Again(ctx, func(rows *groupfile.Reader) error {
		n, err := countRows(rows)
		if err == nil {
			o.progress.counted(n)
		}
		return err
	})
}

// logHeader logs where the header was found if it is not the first row.
func logHeader(log zerolog.Logger, in *groupfile.Reader) {
	if n := in.RowsAbove(); n > 0 {
		log.Info().Int("line", in.HeaderLine()).Msg("the header was found below " + counted(n, "row"))
	}
}

// every calls f at each interval until ctx ends.
func every(ctx context.Context, interval time.Duration, f func()) {
	tick := time.NewTicker(interval)
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

// end reports how the run ended. Once second is closed, it does not wait for anything. It returns an [exitCode], or an
// error that [program.report] prints.
func (o *output) end(s sync.Summary, err error, second <-chan struct{}) error {
	code := exitCodeOfRun(s, err)
	if s.Started.IsZero() { // the run could not start, or did not return
		s.Started, s.Elapsed = o.began, time.Since(o.began)
		if o.progress != nil {
			s.Rows = o.progress.counts()
		}
	}
	r := o.report(s, err, code)
	reportErr := o.writeReport(r)
	metricsErr := o.sendMetrics(s, code, second)
	if o.stop != nil {
		o.stop()
	}
	if reportErr != nil {
		o.log.Error().Msg(explain(reportErr))
	}
	if metricsErr != nil {
		o.log.Warn().Msg(explain(metricsErr))
	}
	if o.buffer != nil {
		if code == exitGood && reportErr == nil && s.CompleteSince.IsZero() && !noRows(s) {
			return nil
		}
		o.buffer.writeTo(o.program.stderr)
	}
	if o.couldNotStart(err, code) {
		if advice := o.program.columnsAdvice(o.line, "sync", err); advice != "" {
			return &startError{err, advice, ""}
		}
		return &startError{err, advice(code, err) + ": " + cmp.Or(r.Next, o.program.shell.commandLine(commandWords("sync", []string{"--help"}))), r.Next}
	}
	o.summary(r, s, err)
	if code == exitGood {
		return nil
	}
	return exitCode(code)
}

// sendMetrics writes or pushes the metrics. A push ends early once second is closed.
func (o *output) sendMetrics(s sync.Summary, code int, second <-chan struct{}) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-second:
			cancel()
		case <-ctx.Done():
		}
	}()
	return o.metrics.send(ctx, s, code)
}

// logBuffer keeps log lines until it is known whether to print them.
type logBuffer struct {
	mu    stdsync.Mutex
	lines []byte
}

// maxLogBuffer is the largest number of bytes that are kept. The first lines matter most.
const maxLogBuffer = 64 << 10

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.lines)+len(line) <= maxLogBuffer {
		b.lines = append(b.lines, line...)
	}
	return len(line), nil
}

func (b *logBuffer) writeTo(out io.Writer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, _ = out.Write(b.lines) // an error cannot be reported anywhere
	b.lines = nil
}
