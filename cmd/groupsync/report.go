package main

import (
	"bytes"
	"cmp"
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

// report is the summary for programs: the content of --summary, and a pod's termination message.
type report struct {
	Version  string      `json:"version"`
	Store    string      `json:"store"`
	ExitCode int         `json:"exitCode"`
	Error    string      `json:"error,omitempty"`
	Next     string      `json:"next,omitempty"`
	Started  time.Time   `json:"started"`
	Ended    time.Time   `json:"ended"`
	Seconds  float64     `json:"seconds"`
	Input    inputReport `json:"input"`
	Results  string      `json:"results,omitempty"`
	// Rows are the records of the results by status, RecordedBefore those of them that earlier runs wrote.
	Rows           map[string]int   `json:"rows"`
	RecordedBefore int              `json:"recordedBefore"`
	PassedOver     int              `json:"passedOver"`
	Untidy         int              `json:"untidy"`
	Requests       int              `json:"requests"`
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

func (o *output) report(s sync.Summary, err error, code int) report {
	r := report{
		Version:        programVersion(),
		Store:          o.command.storeID(),
		ExitCode:       code,
		Next:           o.next(s, err, code),
		Started:        s.Started.UTC(),
		Ended:          s.Started.Add(s.Elapsed).UTC(),
		Seconds:        seconds(s.Elapsed),
		Input:          inputReport{Name: o.command.name()},
		Rows:           byStatus(s),
		RecordedBefore: s.Recorded,
		PassedOver:     s.Passed,
		Untidy:         s.Untidy,
		Requests:       s.Requests,
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
		r.Results = o.job.Results.Name()
	}
	if o.input != nil {
		if size, sum, ok := o.input.fingerprint(); ok {
			r.Input.Bytes, r.Input.SHA256 = &size, &sum
		}
	}
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
		if err := atomicfile.ReplaceFile(path, func(out io.Writer) error {
			_, err := out.Write(r.json("  "))
			return err
		}); err != nil {
			errs = append(errs, fmt.Errorf("the summary can't be written: %w", err))
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

func (r report) json(indent string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(r); err != nil {
		panic(err) // a struct of strings and numbers
	}
	return b.Bytes()
}

// short is the report in at most limit bytes of JSON: texts are cut before numbers go.
func (r report) short(limit int) []byte {
	for text := limit; ; text /= 2 {
		c := r
		c.Error, c.Next, c.Results, c.Input.Name = cut(r.Error, text), r.Next, cut(r.Results, text), cut(r.Input.Name, text)
		if len(c.Next) > text {
			c.Next = "" // half a command is worse than none
		}
		c.Reasons = r.Reasons[:0:0]
		for _, reason := range r.Reasons {
			reason.Example = cut(reason.Example, text)
			c.Reasons = append(c.Reasons, reason)
		}
		if data := c.json(""); len(data) <= limit || text == 0 {
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
