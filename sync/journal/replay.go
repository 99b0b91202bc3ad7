package journal

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"groupsync/sync/groupfile"
	"groupsync/sync/internal/csvrecord"
)

// History is what earlier runs left in the results.
type History struct {
	// Counts is the number of kept records by their status; Recorded is their total.
	Counts   map[Status]int
	Recorded int
	Reasons  Reasons // of the records that are not good
	// Backlog are the rows from the first unsettled one to the last recorded one, and the row after that.
	Backlog []Entry
	// resend are the groups of unsettled rows. Their later rows are sent again, recorded or not, because the last row
	// of a group wins.
	resend map[string]bool
	// window is the largest number of rows of a run that can be unsettled at once.
	window int
	// missing is the number of rows before the last recorded one that have no record.
	missing int
	// CompleteSince is when the results were completed, if every row of the input has its record.
	CompleteSince time.Time
	// AllSettled reports whether every row of the input is settled.
	AllSettled bool
	// Begun reports whether earlier runs may have sent updates for this input, Resumed whether a results file existed.
	Begun, Resumed bool
	// Retry reports whether the run is a retry.
	Retry bool
	// Conflicts reports whether rows of earlier runs were conflicts, which means that these runs had a base.
	Conflicts bool
	kept      *script // nil: the run is not a retry
}

// Entry is a row of the input, and its record if there is one.
type Entry struct {
	groupfile.Row
	Recorded *Record // nil: the row is to be sent
}

// Fresh returns the number of rows of the backlog that are to be sent.
func (h *History) Fresh() (n int) {
	for _, e := range h.Backlog {
		if e.Recorded == nil {
			n++
		}
	}
	return n
}

// Settled reports whether the row at a line of the input has a record.
func (h *History) Settled(line int) bool {
	if h.kept != nil && h.kept.isKept(line) {
		return true
	}
	if len(h.Backlog) == 0 || line < h.Backlog[0].Line {
		return h.Begun
	}
	i, found := slices.BinarySearchFunc(h.Backlog, line, func(e Entry, line int) int { return e.Line - line })
	return found && h.Backlog[i].Recorded != nil
}

// FindGroups finds the groups of the rows that were read before the store's groups were known.
func (h *History) FindGroups(in *groupfile.Reader) {
	for i := range h.Backlog {
		if h.Backlog[i].Recorded == nil {
			in.FindGroup(&h.Backlog[i].Row)
		}
	}
}

// Next returns the next row of the input that an earlier run has not settled.
func (h *History) Next(in *groupfile.Reader) (groupfile.Row, error) {
	if h.kept == nil {
		return in.Next()
	}
	return (&unkeptRows{in, h.kept}).Next()
}

// Replay finds out which rows of the input earlier runs have settled. The input's reader is then at the row with which
// the run continues: see [History.Next]. After an error, nothing is written to the results.
//
// A retry reads its input several times.
func (j *Journal) Replay(ctx context.Context, in *groupfile.Input, window int) (h History, err error) {
	if j.retry {
		h, err = j.replayRetry(ctx, in, window)
	} else {
		h, err = j.resume(in, window)
	}
	if err != nil {
		j.err = err
	}
	return h, err
}

// resume reads results that are to be resumed.
func (j *Journal) resume(in *groupfile.Input, window int) (History, error) {
	h, complete, err := j.replay(in.Reader(), window)
	if err != nil || !complete {
		return h, err
	}
	info, err := j.file.Stat()
	if err != nil {
		return h, fmt.Errorf("reading %s: %w", j.path, err)
	}
	h.AllSettled, h.CompleteSince = true, info.ModTime()
	if info.Size() > j.cutAt {
		err = j.cut()
	}
	return h, err
}

// rowReader is the source of the rows that records are compared with.
type rowReader interface {
	Next() (groupfile.Row, error)
	KeyColumn() string
}

// replay reads records in lockstep with rows: each record must match the next row, or a later one if an interrupted run
// left rows between them unsettled. It reports whether every row has its record.
//
// An incomplete last record is cut off. If rows before the last record are unsettled, the records after the first
// of them are cut off as well: they are in the backlog, and written again in order.
func (j *Journal) replay(in rowReader, window int) (h History, complete bool, err error) {
	h = History{window: window, Counts: map[Status]int{}, Reasons: Reasons{}, resend: map[string]bool{}}
	if err := j.writeHeader(); err != nil {
		return h, false, err
	}
	if j.file == nil || !j.results.Resume && !j.results.Retry {
		return h, false, nil
	}
	h.Resumed = !j.created
	header := bytes.Clone(j.buf.Bytes())
	records := csvrecord.NewReader(j.file, ',', maxRecord)
	head, err := records.Next()
	j.cutAt = 0
	switch {
	case err == io.EOF:
		return h, false, nil
	case err != nil:
		return h, false, fmt.Errorf("reading %s: %w", j.path, err)
	case !head.Complete && bytes.HasPrefix(header, bytes.TrimRight(head.Data, "\n")):
		return h, false, nil // the first write was cut short
	}
	format, ok := formatOf(head.Data)
	if !ok {
		return h, false, fmt.Errorf("%s is not a results file of groupsync: its first line should be %s", j.path, bytes.TrimSpace(header))
	}
	j.setFormat(format)
	j.buf.Reset()
	if !head.Complete {
		return h, false, j.writeHeader() // without its line end it is incomplete
	}
	records.Comma = format.Delimiter
	j.cutAt = head.End
	h.Begun = true
	decoder, err := csvrecord.NewDecoder[Record](recordColumns(), format.Delimiter)
	if err != nil {
		return h, false, err
	}
	if err := h.readRecords(j, in, records, decoder); err != nil {
		return h, false, err
	}
	next, err := in.Next()
	switch {
	case err == io.EOF:
		return h, h.Fresh() == 0, nil
	case err != nil:
		return h, false, err
	}
	h.Backlog = append(h.Backlog, Entry{Row: next})
	return h, false, nil
}

// readRecords reads the complete records, and the rows that they belong to.
func (h *History) readRecords(j *Journal, in rowReader, records *csvrecord.Reader, d *csvrecord.Decoder[Record]) error {
	for {
		rec, err := records.Next()
		if err == io.EOF || err == nil && (rec.Torn || !rec.Complete) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", j.path, err)
		}
		r, line, err := decodeRecord(d, rec)
		if err == nil && r.StoreID != j.results.StoreID {
			err = &StoreMismatchError{r.StoreID, j.results.StoreID}
		}
		if err != nil {
			return fmt.Errorf("%s, line %d: %w", j.path, rec.Line, err)
		}
		mismatch, err := h.matchRecord(j, in, r, line, rec.End)
		if mismatch != "" {
			err = &MismatchError{j.path, rec.Line, mismatch}
		}
		if err != nil {
			return err
		}
	}
}

// matchRecord reads the rows of the input up to the one at the line that the record names. end is the offset in the
// results at which the record ends. If the record does not match the row, it returns why.
func (h *History) matchRecord(j *Journal, in rowReader, r Record, line int, end int64) (mismatch string, err error) {
	for {
		row, err := in.Next()
		switch {
		case err == io.EOF:
			return fmt.Sprintf("the record is for line %d of the input, and the input ends before that: it is not the input of these results", line), nil
		case err != nil:
			return "", err
		case row.Line < line:
			h.sendAgain(row)
			if h.missing++; h.missing > h.window+1 {
				return fmt.Sprintf("there is no record for line %d of the input, nor for many lines after it: the results were changed", h.Backlog[0].Line), nil
			}
			continue
		case row.Line > line || !echoes(r.Cells, row.Cells, in.KeyColumn() != ""):
			return fmt.Sprintf("the record does not match line %d of the input: one of the two was changed", line), nil
		}
		if row.Err == nil && h.resend[row.Group()] {
			h.sendAgain(row)
			return "", nil
		}
		h.count(r, line)
		if len(h.Backlog) == 0 {
			j.cutAt = end
		} else {
			h.Backlog = append(h.Backlog, Entry{row, &r})
		}
		return "", nil
	}
}

func (h *History) count(r Record, line int) {
	h.Conflicts = h.Conflicts || r.Status == Conflict
	h.Counts[r.Status]++
	h.Recorded++
	h.Reasons.Add(r.Status, r.Error, line)
}

// sendAgain adds to the backlog a row that has no record, or whose record does not count.
func (h *History) sendAgain(row groupfile.Row) {
	h.Backlog = append(h.Backlog, Entry{Row: row})
	if row.Err == nil {
		h.resend[row.Group()] = true
	}
}

// echoes reports whether the cells of a record are those of the row. Records do not keep a carriage return before a
// line feed. If groups are found by a key, records hold the groupId that was found.
func echoes(record, row groupfile.Cells, byKey bool) bool {
	if byKey && groupfile.IsBlank(row.GroupID) {
		record.GroupID = row.GroupID
	}
	plain := func(c groupfile.Cells) groupfile.Cells {
		for _, s := range []*string{&c.GroupID, &c.Name, &c.ExternalReferenceID} {
			*s = strings.ReplaceAll(*s, "\r", "")
		}
		return c
	}
	return record == row || plain(record) == plain(row)
}
