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
	"os"
	"strings"
	"time"

	"groupsync/sync"
	"groupsync/sync/atomicfile"
	"groupsync/sync/journal"
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
	// Rows are the records of the results by status, RecordedBefore those of them that earlier runs wrote.
	Rows           map[string]int   `json:"rows"`
	RecordedBefore int              `json:"recordedBefore"`
	PassedOver     int              `json:"passedOver"`
	Untidy         int              `json:"untidy"`
	Retries        int              `json:"retries"`
	Answered429    int              `json:"answered429"`
	Pauses         int              `json:"pauses"`
	WaitedSeconds  float64          `json:"waitedSeconds"`
	Reasons        []journal.Reason `json:"reasons"`
}

// inputReport is which input it was. Bytes and SHA256 are null for a pipe that was not read to its end.
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

// resultsReport is which results these are. Bytes and SHA256 are null for standard output, and if there is no file.
type resultsReport struct {
	Name   string  `json:"name"`
	Bytes  *int64  `json:"bytes"`
	SHA256 *string `json:"sha256"`
}

func newResultsReport(results journal.Results) *resultsReport {
	r := &resultsReport{Name: results.Name()}
	if results.Stdout != nil {
		return r
	}
	f, err := os.Open(results.Path)
	if err != nil {
		return r
	}
	defer f.Close()
	hash := sha256.New()
	if size, err := io.Copy(hash, f); err == nil {
		sum := hex.EncodeToString(hash.Sum(nil))
		r.Bytes, r.SHA256 = &size, &sum
	}
	return r
}

func (o *output) report(s sync.Summary, err error, code int) report {
	r := report{
		reportHead: reportHead{
			Format:   jsonFormat,
			Command:  "sync",
			Version:  programVersion(),
			RunID:    o.program.runID,
			Store:    o.command.storeID(),
			ExitCode: code,
			Next:     o.next(s, err, code),
			NextArgs: o.nextWords(s, err, code),
			Started:  s.Started.UTC(),
			Ended:    s.Started.Add(s.Elapsed).UTC(),
			Seconds:  seconds(s.Elapsed),
			Input:    newInputReport(o.command.name(), o.input),
			Requests: s.Requests,
		},
		Rows:           byStatus(s.Rows),
		RecordedBefore: s.Recorded,
		PassedOver:     s.Passed,
		Untidy:         s.Untidy,
		Retries:        s.Retries,
		Answered429:    s.Limited,
		Pauses:         s.Pauses,
		WaitedSeconds:  seconds(s.Waited),
		Reasons:        append([]journal.Reason{}, s.Reasons...),
	}
	if err != nil {
		r.Error = explain(err)
	}
	if o.job != nil {
		r.Results = newResultsReport(o.job.Results)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	r.StoreName, r.Plan = o.storeName, o.plan
	return r
}

// tell writes the summary to where programs look for it. Its errors are what could not be written.
func (o *output) tell(s sync.Summary, err error, code int) (errs []error) {
	inPod := o.program.getenv("KUBERNETES_SERVICE_HOST") != ""
	if o.command.Summary == "" && !inPod {
		return nil
	}
	r := o.report(s, err, code)
	if path := o.command.Summary; path != "" {
		if err := writeSummary(path, r); err != nil {
			errs = append(errs, err)
		}
	}
	if inPod {
		leaveMessage(terminationLog, r.short(maxTerminationMessage))
	}
	return errs
}

const (
	// terminationLog is where Kubernetes takes a container's last words from, and maxTerminationMessage how
	// many bytes of them it keeps: https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure
	terminationLog        = "/dev/termination-log"
	maxTerminationMessage = 4096
)

// leaveMessage writes to a file that is there already, if that goes: nobody asked for it.
func leaveMessage(path string, message []byte) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return
	}
	defer f.Close()
	f.Write(message)
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

// json returns the report in one line.
func (r report) json() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		panic(err) // a struct of strings and numbers
	}
	return b.Bytes()
}

// short is the report in at most limit bytes of JSON: texts are cut before numbers go.
func (r report) short(limit int) []byte {
	for text := limit; ; text /= 2 {
		c := r
		c.Error, c.StoreName, c.Input.Name = cut(r.Error, text), cut(r.StoreName, text), cut(r.Input.Name, text)
		if r.Results != nil {
			results := *r.Results
			results.Name = cut(results.Name, text)
			c.Results = &results
		}
		if len(c.Next) > text {
			c.Next, c.NextArgs = "", nil // half a command is worse than none
		}
		c.Reasons = r.Reasons[:0:0]
		for _, reason := range r.Reasons {
			reason.Example = cut(reason.Example, text)
			c.Reasons = append(c.Reasons, reason)
		}
		if data := c.json(); len(data) <= limit || text == 0 {
			return data
		}
	}
}

// cut is the beginning of a text of more than n bytes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// checkTargets says what is wrong with the files that are written when the run ends. What is wrong is not
// written either, however it ends: it may be the input.
func (o *output) checkTargets(clashing []error) error {
	c := o.command
	summaryErr := checkTarget("--summary", c.Summary)
	metricsErr := cmp.Or(o.metrics.check(), checkTarget("--metrics", o.metrics.file()))
	if summaryErr != nil || clashes(clashing, "--summary") {
		c.Summary = ""
	}
	if metricsErr != nil || clashes(clashing, "--metrics") {
		o.metrics = nil
	}
	return errors.Join(summaryErr, metricsErr)
}
