package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
)

type showCmd struct {
	Results string `arg:"" help:"Results file of a run."`

	HTML string `group:"Output" name:"html" placeholder:"FILE" help:"Write the results as an HTML page to this file instead."`
	JSON bool   `group:"Output" name:"json" help:"Print one JSON object per line instead: one for each row."`
}

func (c *showCmd) Run(p *program) error {
	ctx, _ := p.untilSignal(0)
	out := bufio.NewWriter(p.stdout)
	err := c.show(ctx, p, out)
	if err == nil {
		err = flushResults(out)
	}
	if exitCodeOf(err) == exitNotStarted {
		return notStarted(ctx, err, "show")
	}
	return err
}

func flushResults(out *bufio.Writer) error {
	if err := out.Flush(); err != nil {
		return &sync.InterruptedError{Err: fmt.Errorf("the results cannot be printed: %w", err)}
	}
	return nil
}

func (c *showCmd) show(ctx context.Context, p *program, out io.Writer) error {
	if c.HTML != "" && c.JSON {
		return errors.New("--html and --json cannot be used together")
	}
	if c.HTML != "" {
		clashing := checkDistinct([]target{{name: "the results", path: c.Results}, {name: "--html", path: c.HTML, written: true}})
		if err := errors.Join(append(clashing, checkPage(c.HTML))...); err != nil {
			return err
		}
	}
	f, err := os.Open(c.Results)
	if err != nil {
		return fmt.Errorf("the results cannot be read: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("the results cannot be read: %w", err)
	}
	shown := shownResults{shell: p.shell, path: c.Results, written: info.ModTime(), rows: map[journal.Status]int{}, reasons: journal.Reasons{}}
	each := func(journal.Record) error { return nil }
	var html *resultsPage
	switch {
	case c.HTML != "":
		html = newResultsPage()
		each = html.add
	case c.JSON:
		printed := json.NewEncoder(out)
		printed.SetEscapeHTML(false)
		each = func(r journal.Record) error { return printed.Encode(newRecordReport(r)) }
	}
	for record, err := range journal.Records(f) {
		if err == nil && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.Results, err)
		}
		shown.count(record)
		if err := each(record); err != nil {
			return &sync.InterruptedError{Err: fmt.Errorf("the results cannot be printed: %w", err)}
		}
	}
	switch {
	case html != nil:
		return html.write(c.HTML, &shown)
	case !c.JSON:
		shown.text(out)
	}
	return nil
}

// shownResults is what a results file says about a run as a whole.
type shownResults struct {
	shell    shell // for which commands are printed
	path     string
	written  time.Time
	storeID  string
	rows     map[journal.Status]int
	reasons  journal.Reasons
	attempts int
}

func (s *shownResults) count(r journal.Record) {
	line, _ := strconv.Atoi(r.Line) // journal.Records has checked it
	attempts, _ := strconv.Atoi(r.Attempts)
	s.rows[r.Status]++
	s.reasons.Add(r.Status, r.Error, line)
	s.attempts += attempts
	s.storeID = r.StoreID
}

func (s *shownResults) total() int { return sync.Summary{Rows: s.rows}.Total() }

// about returns the store of the results and when they were written.
func (s *shownResults) about() string {
	written := "last written at " + s.written.UTC().Format(time.RFC3339)
	if s.storeID == "" {
		return written
	}
	return fmt.Sprintf("store %s, %s", printable(s.storeID), written)
}

// text prints the totals, the reasons and the next command, as the end of a run does.
func (s *shownResults) text(out io.Writer) {
	fmt.Fprintf(out, "%s: %s\n", printable(s.path), s.about())
	printRows(out, s.rows)
	printReasons(out, s.reasons.Top())
	if s.rows[journal.Conflict] > 0 {
		io.WriteString(out, resolveConflicts)
	}
	fmt.Fprintf(out, "\n  updates sent %8d\n", s.attempts)
	if title, command := s.next(); command != "" {
		fmt.Fprintf(out, "\n%s\n  %s\n", title, command)
	}
}

// next returns the command that continues from the results, and the sentence that introduces it.
func (s *shownResults) next() (title, command string) {
	store := []string{"--store", s.storeID}
	if s.storeID == sandboxStoreID {
		store = []string{"--sandbox"}
	}
	if s.rows[journal.Conflict] > 0 && !groupfile.IsWorkbook(s.input()) { // the results do not name their base
		return "correct these rows in the input file, replace … with the base of the run that wrote these results, and send them again with", s.shell.commandLine(commandWords("sync", append(append(s.retryArguments(), "--base", "…"), store...)))
	}
	if !journal.AllGood(s.rows) {
		return advice(exitNotGood, nil), s.shell.commandLine(commandWords("sync", append(s.retryArguments(), store...)))
	}
	input := s.input()
	if input == "" {
		return "", ""
	}
	if s.total() == 0 {
		store = nil
	}
	return "a results file does not show whether its run was complete; continue the run, if anything is left, with", s.shell.commandLine(commandWords("sync", append([]string{fileArgument(input), "--resume"}, store...)))
}

// retryArguments returns the arguments that retry the results with the corrected input.
func (s *shownResults) retryArguments() []string {
	if input := s.input(); input != "" {
		return []string{fileArgument(input), "--retry"}
	}
	return []string{"FILE", "--retry", "--results", fileArgument(s.path)}
}

// input returns the path of the input after which the results are named, or "" if there is no such file.
func (s *shownResults) input() string {
	name := s.path
	for _, extension := range []string{".sandbox.results.csv", ".results.csv"} {
		if before, ok := strings.CutSuffix(s.path, extension); ok {
			name = before
			break
		}
	}
	if name == s.path {
		return ""
	}
	for _, extension := range []string{".csv", ".xlsx", ".tsv", ".txt"} {
		if info, err := os.Stat(name + extension); err == nil && info.Mode().IsRegular() {
			return name + extension
		}
	}
	return ""
}

// recordReport is a record of the results as a JSON object. Numbers that the record does not have are null.
type recordReport struct {
	Format              int            `json:"format"`
	Line                *int           `json:"line"`
	GroupID             string         `json:"groupId"`
	Name                string         `json:"name"`
	ExternalReferenceID string         `json:"externalReferenceId"`
	Status              journal.Status `json:"status"`
	UpdateCount         *int           `json:"updateCount"`
	HTTPStatus          *int           `json:"httpStatus"`
	Attempts            *int           `json:"attempts"`
	Error               string         `json:"error"`
	StoreID             string         `json:"storeId"`
}

func newRecordReport(r journal.Record) recordReport {
	number := func(cell string) *int {
		n, err := strconv.Atoi(cell)
		if err != nil {
			return nil
		}
		return &n
	}
	return recordReport{
		Format: jsonFormat, Line: number(r.Line), GroupID: r.GroupID, Name: r.Name, ExternalReferenceID: r.ExternalReferenceID, Status: r.Status,
		UpdateCount: number(r.UpdateCount), HTTPStatus: number(r.HTTPStatus), Attempts: number(r.Attempts), Error: r.Error, StoreID: r.StoreID,
	}
}
