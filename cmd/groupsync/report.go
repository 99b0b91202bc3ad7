package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"groupsync/sync"
	"groupsync/sync/atomicfile"
	"groupsync/sync/journal"

	"github.com/rs/zerolog"
)

// reportHead is what the summaries of a run and of a plan have in common. .github/JSON.md describes the fields.
type reportHead struct {
	Format    int         `json:"format"`
	Command   string      `json:"command"`
	Version   string      `json:"version"`
	RunID     string      `json:"runId"`
	Store     string      `json:"store"`
	StoreName string      `json:"storeName,omitempty"`
	ExitCode  int         `json:"exitCode"`
	Error     string      `json:"error,omitempty"`
	Next      string      `json:"next,omitempty"`
	NextArgs  []string    `json:"nextArgs,omitempty"`
	Started   time.Time   `json:"started"`
	Ended     time.Time   `json:"ended"`
	Seconds   float64     `json:"seconds"`
	Input     inputReport `json:"input"`
	Requests  int         `json:"requests"`
	// Plan is null unless a plan of the whole file was made.
	Plan *planReport `json:"plan"`
}

// report is the summary of a run for programs: the content of --summary, and a pod's termination message.
type report struct {
	reportHead
	Results *resultsReport `json:"results"`
	// Rows are the records of the results by status, and RecordedBefore is how many of them earlier runs wrote.
	Rows           map[string]int   `json:"rows"`
	RecordedBefore int              `json:"recordedBefore"`
	Untidy         int              `json:"untidy"`
	Retries        int              `json:"retries"`
	Answered429    int              `json:"answered429"`
	Pauses         int              `json:"pauses"`
	WaitedSeconds  float64          `json:"waitedSeconds"`
	Reasons        []journal.Reason `json:"reasons"`
}

// inputReport identifies the input. Bytes and SHA256 are null for a pipe that was not read to its end.
type inputReport struct {
	Name   string  `json:"name"`
	Bytes  *int64  `json:"bytes"`
	SHA256 *string `json:"sha256"`
}

func newInputReport(name string, in *input) inputReport {
	r := inputReport{Name: name}
	if in != nil {
		if size, sum, ok := in.fingerprint(); ok {
			r.Bytes, r.SHA256 = &size, &sum
		}
	}
	return r
}

// resultsReport identifies the results. Bytes and SHA256 are null for standard output.
type resultsReport struct {
	Name   string  `json:"name"`
	Bytes  *int64  `json:"bytes"`
	SHA256 *string `json:"sha256"`
}

// newResultsReport returns nil if there are no results: a run that could not reach the store leaves none.
func newResultsReport(job *sync.Job) *resultsReport {
	if job == nil {
		return nil
	}
	if job.Results.Stdout == nil {
		if _, err := os.Stat(job.Results.Path); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	return &resultsReport{Name: job.Results.Name()}
}

// addFingerprint adds the size and the checksum of the results file at path, if it can be read.
func (r *resultsReport) addFingerprint(path string) {
	f, err := os.Open(path)
	if err != nil {
		return
	}
	defer f.Close()
	hash := sha256.New()
	if size, err := io.Copy(hash, f); err == nil {
		sum := hex.EncodeToString(hash.Sum(nil))
		r.Bytes, r.SHA256 = &size, &sum
	}
}

// report returns the report of a run, without the sizes and checksums of its files, which have to be read for them.
func (o *output) report(s sync.Summary, err error, code int) report {
	r := report{
		reportHead: reportHead{
			Format:   jsonFormat,
			Command:  "sync",
			Version:  programVersion(),
			RunID:    o.program.runID,
			Store:    o.command.storeID(),
			ExitCode: code,
			Error:    explain(err),
			Next:     o.next(s, err, code),
			NextArgs: o.nextWords(s, err, code),
			Started:  s.Started.UTC(),
			Ended:    s.Started.Add(s.Elapsed).UTC(),
			Seconds:  seconds(s.Elapsed),
			Input:    inputReport{Name: o.command.name()},
			Requests: s.Requests,
		},
		Results:        newResultsReport(o.job),
		Rows:           byStatus(s.Rows),
		RecordedBefore: s.Recorded,
		Untidy:         s.Untidy,
		Retries:        s.Retries,
		Answered429:    s.RateLimited,
		Pauses:         s.Pauses,
		WaitedSeconds:  seconds(s.Waited),
		Reasons:        append([]journal.Reason{}, s.Reasons...),
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	r.StoreName, r.Plan = o.storeName, o.plan
	return r
}

// MarshalZerologObject adds the report to a log line, which already has a time and the id of the run.
func (r report) MarshalZerologObject(event *zerolog.Event) {
	event.Int("exitCode", r.ExitCode)
	if r.StoreName != "" {
		event.Str("storeName", r.StoreName)
	}
	if r.Error != "" {
		event.Str("error", r.Error)
	}
	event.Any("rows", r.Rows).
		Int("recordedBefore", r.RecordedBefore).
		Int("untidy", r.Untidy).
		Int("requests", r.Requests).
		Int("retries", r.Retries).
		Int("answered429", r.Answered429).
		Int("pauses", r.Pauses).
		Float64("seconds", r.Seconds)
	event.Str("store", r.Store)
	if r.Results != nil {
		event.Str("results", r.Results.Name)
	}
	if len(r.Reasons) > 0 {
		event.Any("reasons", r.Reasons)
	}
	if r.Next != "" {
		event.Str("next", r.Next)
	}
}

// writeReport writes the report to the file of --summary, and in a pod to its termination message.
func (o *output) writeReport(r report) error {
	path, inPod := o.command.Summary, o.program.getenv("KUBERNETES_SERVICE_HOST") != ""
	if path == "" && !inPod {
		return nil
	}
	r.Input = newInputReport(r.Input.Name, o.input)
	if r.Results != nil && o.job.Results.Stdout == nil {
		r.Results.addFingerprint(o.job.Results.Path)
	}
	if inPod {
		writeTerminationMessage(terminationLog, r.short(maxTerminationMessage))
	}
	if path == "" {
		return nil
	}
	return writeSummary(path, r)
}

const (
	// terminationLog is where Kubernetes reads the termination message of a container, and maxTerminationMessage how
	// many bytes of it are kept: https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure
	terminationLog        = "/dev/termination-log"
	maxTerminationMessage = 4096
)

// writeTerminationMessage writes the message if its file exists. It ignores errors, because no flag asks for the message.
func writeTerminationMessage(path string, message []byte) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return
	}
	defer f.Close()
	_, _ = f.Write(message)
}

// writeSummary writes a summary to a file, as a whole or not at all.
func writeSummary(path string, document any) error {
	if err := atomicfile.ReplaceFile(path, func(out io.Writer) error {
		var b bytes.Buffer
		writeJSON(&b, document)
		_, err := b.WriteTo(out)
		return err
	}); err != nil {
		return fmt.Errorf("the summary cannot be written: %w", err)
	}
	return nil
}

// json returns the report as one line of JSON.
func (r report) json() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		panic(err) // a struct of strings and numbers
	}
	return b.Bytes()
}

// short returns the report as JSON of at most limit bytes. Strings are truncated, numbers are not.
func (r report) short(limit int) []byte {
	for length := limit; ; length /= 2 {
		c := r
		c.Error, c.StoreName, c.Input.Name = truncate(r.Error, length), truncate(r.StoreName, length), truncate(r.Input.Name, length)
		if r.Results != nil {
			results := *r.Results
			results.Name = truncate(results.Name, length)
			c.Results = &results
		}
		if len(c.Next) > length {
			c.Next, c.NextArgs = "", nil // part of a command must not be run
		}
		c.Reasons = r.Reasons[:0:0]
		for _, reason := range r.Reasons {
			reason.Example = truncate(reason.Example, length)
			c.Reasons = append(c.Reasons, reason)
		}
		if data := c.json(); len(data) <= limit || length == 0 {
			return data
		}
	}
}

// truncate returns s, or the first n bytes of a longer s and "…".
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// checkTargets returns an error for each file that cannot be written when the run ends. Such a file is never written: it
// may be the input.
func (o *output) checkTargets(clashing []error) error {
	c := o.command
	summaryErr := checkTarget("--summary", c.Summary)
	metricsErr := cmp.Or(o.metrics.check(), checkTarget("--metrics", o.metrics.file()), o.metrics.checkOwner(planMetric, "plan"))
	if summaryErr != nil || clashes(clashing, "--summary") {
		c.Summary = ""
	}
	if metricsErr != nil || clashes(clashing, "--metrics") {
		o.metrics = nil
	}
	return errors.Join(summaryErr, metricsErr)
}
