package sync

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// retrying returns the options of a job that retries the results with the current input.
func (tr *trial) retrying(adapt ...func(*Job)) []func(*Job) {
	return append([]func(*Job){fast, func(j *Job) {
		j.Results.Resume, j.Results.Retry = false, true
		j.Input = tr.newInput(tr.t.Context(), strings.NewReader(tr.input))
	}}, adapt...)
}

// edited is a file that is edited. No two of its rows are equal.
type edited struct {
	n    int // rows so far, in all versions
	rows [][]string
	// lost is how many rows at the end have no record, although they may have been sent. They must not be deleted or
	// changed, because a retry does not know that they were sent.
	lost int
}

// draw draws a row. It may be invalid, have a group that does not exist, be refused by the store, or set only one field.
func (e *edited) draw(t *rapid.T) []string {
	e.n++
	id := rapid.IntRange(1, 6).Draw(t, "group")
	name, externalID := fmt.Sprintf("name %d", e.n), fmt.Sprintf("%d-%d", id, e.n)
	switch rapid.IntRange(0, 7).Draw(t, "kind") {
	case 0:
		name = "a\ttab " + name
	case 1:
		name = refusedName + " " + name
	case 2, 3:
		name = ""
	case 4, 5:
		externalID = ""
	}
	return []string{fmt.Sprint(id), name, externalID}
}

// edit deletes, inserts and changes rows.
func (e *edited) edit(t *rapid.T) {
	for range rapid.IntRange(0, 4).Draw(t, "edits") {
		i := rapid.IntRange(0, len(e.rows)).Draw(t, "at")
		switch rapid.IntRange(0, 2).Draw(t, "edit") {
		case 0:
			e.rows = slices.Insert(e.rows, i, e.draw(t))
		case 1:
			if i < len(e.rows)-e.lost {
				e.rows = slices.Delete(e.rows, i, i+1)
			}
		case 2:
			if i < len(e.rows)-e.lost {
				e.rows[i] = e.draw(t)
			}
		}
	}
}

func (e *edited) file() string { return scenario{rows: e.rows}.file() }

// toSend returns the rows of the edited file that a retry has to send: those without a good record, those whose values a
// deleted or changed row may have overwritten, and the later rows of their groups.
func (e *edited) toSend(records [][]string) (rows [][]string) {
	good, stays := map[string]bool{}, map[string]bool{}
	for _, r := range records {
		good[strings.Join(r[1:4], ",")] = journal.Status(r[4]).Good()
	}
	for _, row := range e.rows {
		stays[strings.Join(row, ",")] = true
	}
	overwritten := map[string]bool{}
	for _, r := range records {
		if cells := r[1:4]; good[strings.Join(cells, ",")] && !stays[strings.Join(cells, ",")] {
			for i := range 2 {
				overwritten[cells[0]+fmt.Sprint(i)] = overwritten[cells[0]+fmt.Sprint(i)] || cells[1+i] != ""
			}
		}
	}
	again := map[string]bool{}
	for _, row := range e.rows {
		isOverwritten := row[1] != "" && overwritten[row[0]+"0"] || row[2] != "" && overwritten[row[0]+"1"]
		if isInvalid := strings.Contains(row[1], "\t"); isInvalid || good[strings.Join(row, ",")] && !isOverwritten && !again[row[0]] {
			continue
		}
		again[row[0]] = true
		rows = append(rows, row)
	}
	return rows
}

// However a first run ended, and however the file was edited since, a retry that is interrupted and repeated at random
// leaves the store as one run of the edited file would, sends no row that keeps its record, and records every row once.
func TestRetry(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		options := ecwidtest.Options{Fault: refuseNamePrefix, ZeroUpdate: ecwidtest.ZeroRefused, Refused: []int32{5}}
		for id := range int32(5) {
			options.Groups = append(options.Groups, ecwidtest.Group{ID: id + 1, Name: "old"})
		}
		tr := newTrial(t, "", options)
		defer tr.server.Close()
		e := &edited{}
		for range rapid.IntRange(0, 12).Draw(rt, "rows") {
			e.rows = append(e.rows, e.draw(rt))
		}
		tr.input = e.file()
		limit := rapid.IntRange(1, 15).Draw(rt, "limit")
		if _, err := tr.run(fast, func(j *Job) { j.Limit = limit }); err != nil && !isInterrupted(err) {
			rt.Fatal(err)
		}
		tr.truncate(rt, tr.path)
		data, err := os.ReadFile(tr.path)
		if err != nil {
			rt.Fatal(err)
		}
		e.lost = len(e.rows) - len(recordsOf(t, data))
		for range rapid.IntRange(1, 3).Draw(rt, "retries") {
			if err := tr.retryOnce(rt, e, options); err != nil {
				rt.Fatalf("%v\nrecords %q", err, tr.lines())
			}
		}
	})
}

// retryOnce edits the file and retries it.
func (tr *trial) retryOnce(rt *rapid.T, e *edited, options ecwidtest.Options) error {
	var before [][]string
	if data, err := os.ReadFile(tr.path); err == nil {
		for _, r := range recordsOf(tr.t, data) {
			before = append(before, []string{r.Line, r.GroupID, r.Name, r.ExternalReferenceID, string(r.Status)})
		}
	}
	e.edit(rt)
	e.lost = 0
	tr.input = e.file()
	options.Groups = tr.server.Groups()
	clean := newTrial(tr.t, tr.input, options)
	defer clean.server.Close()
	if _, err := clean.run(fast); err != nil {
		return fmt.Errorf("a clean run: %w", err)
	}

	// Rows may be sent twice if a kill loses their records, or if there were no results, so that the first run is not a
	// retry.
	info, err := os.Stat(tr.path)
	sent, torn := len(tr.puts()), err != nil || info.Size() == 0
	retry := func(adapt func(*Job)) (finished bool, err error) {
		_, err = tr.run(tr.retrying(adapt)...)
		return err == nil, err
	}
	finished := false
	for _, limit := range rapid.SliceOfN(rapid.IntRange(1, 5), 0, 3).Draw(rt, "limits") {
		if finished, err = retry(func(j *Job) { j.Limit = limit }); finished {
			break
		}
		if !isInterrupted(err) {
			return err
		}
		torn = tr.truncate(rt, (&journal.Results{Path: tr.path}).RetryPath()) || torn
	}
	if resume := rapid.Bool().Draw(rt, "resume"); !finished {
		if finished, err = retry(func(j *Job) {
			if resume && exists(j.Results.RetryPath()) {
				j.Results.Retry, j.Results.Resume = false, true
			}
		}); !finished {
			return err
		}
	}

	if diff := cmp.Diff(clean.server.Groups(), tr.server.Groups()); diff != "" {
		return fmt.Errorf("the store differs from that of a clean run: %s", diff)
	}
	if diff := cmp.Diff(withoutAttempts(clean.records()), withoutAttempts(tr.records())); diff != "" {
		return fmt.Errorf("the results differ from those of a clean run: %s", diff)
	}
	want := map[string]int{}
	for _, row := range e.toSend(before) {
		want[fmt.Sprintf("%s %s", row[0], putBody(row))]++
	}
	got := map[string]int{}
	for _, put := range tr.puts()[sent:] {
		got[put]++
	}
	if torn {
		for put := range got {
			got[put] = 1
		}
	}
	if !maps.Equal(want, got) {
		return fmt.Errorf("sent %v, want %v; before %q", got, want, before)
	}
	return nil
}

// truncate may truncate a file at any byte, as a kill does. It reports whether it removed anything.
func (tr *trial) truncate(rt *rapid.T, path string) bool {
	data, err := os.ReadFile(path)
	if err != nil || !rapid.Bool().Draw(rt, "cut") {
		return false
	}
	at := rapid.IntRange(0, len(data)).Draw(rt, "cut at")
	if err := os.WriteFile(path, data[:at], 0o644); err != nil {
		rt.Fatal(err)
	}
	return at < len(data)
}

// refuseNamePrefix refuses a PUT whose name begins with [refusedName] with the status 422.
func refuseNamePrefix(r ecwidtest.Request) ecwidtest.Fault {
	if strings.Contains(r.Body, `"`+refusedName) {
		return ecwidtest.Status(422, "WRONG_PARAMETER", "the name is refused")
	}
	return ecwidtest.Fault{}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func isInterrupted(err error) bool {
	_, ok := errors.AsType[*InterruptedError](err)
	return ok
}

// putBody returns the body of the PUT for a row.
func putBody(row []string) string {
	var fields []string
	for i, name := range []string{"name", "externalReferenceId"} {
		if row[1+i] != "" {
			fields = append(fields, fmt.Sprintf("%q:%q", name, row[1+i]))
		}
	}
	return "{" + strings.Join(fields, ",") + "}"
}

// withoutAttempts returns the records without updateCount, httpStatus and attempts, which may differ between runs with
// the same result.
func withoutAttempts(records [][]string) (all [][]string) {
	for _, r := range records {
		all = append(all, slices.Concat(r[:5], r[8:]))
	}
	return all
}
