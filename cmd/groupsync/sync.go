package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"groupsync/sync"

	"github.com/alecthomas/kong"
)

type syncCmd struct {
	File string `arg:"" help:"CSV or Excel (xlsx) file to send; \"-\" is standard input."`

	storeFlags

	Results   string `group:"Results" env:"GROUPSYNC_RESULTS" placeholder:"FILE" help:"Where to write each row's outcome; \"-\" is standard output. Default: FILE with .results.csv for its ending."`
	Resume    bool   `group:"Results" env:"GROUPSYNC_RESUME" help:"Go on where an interrupted run left off. Without a results file: start."`
	Overwrite bool   `group:"Results" env:"GROUPSYNC_OVERWRITE" help:"Replace a results file that is there."`

	Only []sync.Status `group:"Results" enum:"updated,unchanged,not_updated,invalid,failed" placeholder:"STATUS" help:"Of a results file as FILE, send only the rows of these statuses: failed,invalid for those to be corrected."`

	Sheet string `group:"Reading" placeholder:"NAME" help:"Which sheet of an xlsx file, by its name or its number. Default: the first that is visible."`

	Blank string `group:"What to change" enum:"keep,clear" default:"keep" help:"What an empty externalReferenceId means: keep the store's, or clear it. An empty name always keeps it."`
	Limit int    `group:"What to change" placeholder:"N" help:"Stop after so many rows: a trial. --resume goes on."`

	Rate        string        `group:"Pace and patience" env:"GROUPSYNC_RATE" default:"600/m" help:"Requests per s, m or h; never exceeded in any such window (${default})."`
	Concurrency int           `group:"Pace and patience" env:"GROUPSYNC_CONCURRENCY" default:"10" placeholder:"N" help:"Requests under way at once (${default})."`
	Timeout     time.Duration `group:"Pace and patience" default:"30s" placeholder:"TIME" help:"How long one attempt may take (${default})."`
	MaxAttempts int           `group:"Pace and patience" default:"5" placeholder:"N" help:"Tries per row when the store answers with an error of its own (${default})."`
	MaxFailures int           `group:"Pace and patience" placeholder:"N" help:"End the run after so many failed rows."`
	MaxOutage   time.Duration `group:"Pace and patience" env:"GROUPSYNC_MAX_OUTAGE" default:"15m" placeholder:"TIME" help:"How long to wait for a store that does not answer at all (${default})."`
	MaxDuration time.Duration `group:"Pace and patience" env:"GROUPSYNC_MAX_DURATION" placeholder:"TIME" help:"How long the whole run may take; --resume goes on."`

	outputFlags
	logFlags
}

func (c *syncCmd) Run(w *world, command *kong.Context) error {
	ctx, again, stop := c.context()
	defer stop()

	out := newOutput(w, c, command)
	job, in, closeAll, err := c.job(ctx, w, command, out)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return out.end(sync.Summary{}, err, again)
	}
	defer closeAll()

	quit := out.start(ctx, job, in)
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
	case <-again:
		r.err = &sync.InterruptedError{Err: errors.New("stopped at once by a second signal")}
	}
	quit()
	return out.end(r.summary, r.err, again)
}

// context ends with the first signal, or with --max-duration; again is closed by the second signal.
func (c *syncCmd) context() (ctx context.Context, again <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	end := func() {}
	if c.MaxDuration > 0 {
		ctx, end = context.WithTimeoutCause(ctx, c.MaxDuration, &sync.InterruptedError{
			Err: fmt.Errorf("the %v of --max-duration are over", c.MaxDuration),
		})
	}
	if s := writeSignals(); len(s) > 0 { // none would mean all
		signal.Ignore(s...)
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	second := make(chan struct{})
	go func() {
		s := <-signals
		cancel(&sync.InterruptedError{Err: fmt.Errorf("stopped by a signal (%v)", s)})
		<-signals
		close(second)
	}()
	return ctx, second, end
}

// job checks all that can be checked without a request, and reports it together.
func (c *syncCmd) job(ctx context.Context, w *world, command *kong.Context, out *output) (*sync.Job, *input, func(), error) {
	rate, err := sync.ParseRate(c.Rate)
	errs := []error{err}
	complain := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	complain(c.Concurrency < 1 || c.Concurrency > maxConcurrency, "--concurrency %d is not a number from 1 to %d", c.Concurrency, maxConcurrency)
	complain(c.MaxAttempts < 1, "--max-attempts %d is not at least 1", c.MaxAttempts)
	complain(c.MaxFailures < 0, "--max-failures %d is less than 0", c.MaxFailures)
	complain(c.Limit < 0, "--limit %d is less than 0", c.Limit)
	complain(c.Timeout <= 0, "--timeout %v is not a time to wait", c.Timeout)
	complain(c.MaxOutage < 0, "--max-outage %v is less than 0", c.MaxOutage)
	complain(c.MaxDuration < 0, "--max-duration %v is less than 0", c.MaxDuration)
	complain(c.Resume && c.Overwrite, "--resume and --overwrite exclude each other: go on with the results, or replace them?")
	complain(c.Resume && c.Results == "-", "--resume needs a results file: standard output can't be read")
	complain(c.File == "-" && c.Results == "", "where the rows come from standard input, --results must say where the outcomes go")

	errs = append(errs, out.checkTargets())

	client, closeClient, err := c.client(command, c.Concurrency, out.metrics.instrument())
	errs = append(errs, err)
	in, err := openInput(c.File, w.stdin)
	errs = append(errs, err)
	results := c.results(w.stdout)
	isInput := c.checkInput(w.stdin, results.Path)
	errs = append(errs, isInput)

	var reader *sync.Reader
	closeAll := func() {
		if reader != nil {
			reader.Close()
		}
		if closeClient != nil {
			closeClient()
		}
		if in != nil {
			in.close()
		}
	}
	// Standard input is left alone when something else is wrong already.
	if in != nil && (c.File != "-" || errors.Join(errs...) == nil) {
		reader, err = c.reader(ctx, in)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		closeAll()
		if isInput == nil { // else its advice would be to replace the input
			err = errors.Join(err, results.Check())
		}
		return nil, nil, nil, err
	}
	return &sync.Job{
		Reader:      reader,
		Client:      client,
		Results:     results,
		Rate:        rate,
		Concurrency: c.Concurrency,
		Timeout:     c.Timeout,
		MaxAttempts: c.MaxAttempts,
		MaxFailures: c.MaxFailures,
		MaxOutage:   c.MaxOutage,
		Limit:       c.Limit,
	}, in, closeAll, nil
}

// maxConcurrency bounds the number of workers by the rows that are looked at at once.
const maxConcurrency = 1000

// reader understands the input.
func (c *syncCmd) reader(ctx context.Context, in *input) (*sync.Reader, error) {
	return sync.NewReader(ctx, in, sync.ReaderOptions{Name: c.name(), ClearBlank: c.Blank == "clear", Only: c.Only, Sheet: c.Sheet, File: in.file})
}

// count reads the whole input once more, if it is a file, and counts its rows.
func (c *syncCmd) count(ctx context.Context) (rows int, err error) {
	in, err := openInput(c.File, nil)
	if err != nil {
		return 0, err
	}
	defer in.close()
	if !in.isRegular() {
		return 0, errors.ErrUnsupported
	}
	reader, err := c.reader(ctx, in)
	if err != nil {
		return 0, err
	}
	defer reader.Close()
	for _, err := range reader.All() {
		if err != nil {
			return 0, err
		}
		rows++
	}
	return rows, nil
}

// name is what messages call the input.
func (c *syncCmd) name() string {
	if c.File == "-" {
		return "standard input"
	}
	return c.File
}

func (c *syncCmd) results(stdout io.Writer) sync.Results {
	r := sync.Results{Path: c.Results, Resume: c.Resume, Overwrite: c.Overwrite, StoreID: c.storeID()}
	switch {
	case c.Results == "-":
		r.Stdout = stdout
	case c.Results == "":
		stem := strings.TrimSuffix(c.File, filepath.Ext(c.File))
		r.Path = stem + ".results.csv"
		if c.Sandbox {
			r.Path = stem + ".sandbox.results.csv"
			r.Overwrite = !c.Resume
		}
	}
	return r
}

// checkInput keeps the input from being taken for the results, also where a shell opened it.
func (c *syncCmd) checkInput(stdin io.Reader, results string) error {
	f, isFile := stdin.(*os.File)
	if c.File != "-" || !isFile {
		return checkDistinct(c.File, results)
	}
	input, err := f.Stat()
	there, resultsErr := os.Stat(results)
	if err == nil && resultsErr == nil && input.Mode().IsRegular() && os.SameFile(input, there) {
		return isInputError(results)
	}
	return nil
}

// checkDistinct keeps one file from being taken for the other.
func checkDistinct(input, results string) error {
	a, errA := os.Stat(input)
	b, errB := os.Stat(results)
	if errA == nil && errB == nil && os.SameFile(a, b) {
		return isInputError(results)
	}
	return nil
}

func isInputError(results string) error {
	return fmt.Errorf("%s is the input: the results need a file of their own", results)
}
