package sync

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// past is what an earlier run left in the journal.
type past struct {
	// counts are the records that stay, by their status; recorded is their number.
	counts   map[Status]int
	recorded int
	reasons  reasons // of those that are not good
	// backlog are the rows from the first unsettled one to the last recorded one, and the row behind that.
	backlog []item
	// again are the groups of its unsettled rows: later rows of theirs are sent again, recorded or not, because
	// the last row of a group wins.
	again map[string]bool
	// window is how many rows of a run can be unsettled at once.
	window int
	// missing is how many rows before the last recorded one have no record.
	missing int
	// completeSince is when the journal was completed, if every row of the input has its record.
	completeSince time.Time
	// begun: there is a journal, so that an earlier run may have sent PUTs. There is a file at least if resumed.
	begun, resumed bool
}

// item is a row on its way into the pipeline, or what an earlier run recorded of it.
type item struct {
	Row
	recorded *Record
}

// fresh is the number of rows of the backlog that have no record.
func (p *past) fresh() (n int) {
	for _, i := range p.backlog {
		if i.recorded == nil {
			n++
		}
	}
	return n
}

// settled reports whether the row at a line of the input has its record.
func (p *past) settled(line int) bool {
	if len(p.backlog) == 0 || line < p.backlog[0].Line {
		return p.begun
	}
	i, found := slices.BinarySearchFunc(p.backlog, line, func(i item, line int) int { return i.Line - line })
	return found && p.backlog[i].recorded != nil
}

// find finds the groups of the rows that were read before the store's groups were known.
func (p *past) find(in *Reader) {
	if in.find == nil {
		return
	}
	for i := range p.backlog {
		if p.backlog[i].recorded == nil {
			in.find(&p.backlog[i].Row)
		}
	}
}

// maxJournalRecord bounds a record of the journal, in bytes: it holds the cells of one of the input, their
// quotes doubled.
const maxJournalRecord = 3 * maxRecord

// replay reads the journal in step with the input: each record must echo the next row, or a later one if
// a stop left rows between them unsettled. The input then stands where the run is to go on.
//
// What stays of the file is all but a torn last record, and, when rows before the last record are
// unsettled, the records behind the first of these: they are written again in their order.
func (j *journal) replay(in *Reader, window int) (past, error) {
	p := past{window: window, counts: map[Status]int{}, reasons: reasons{}, again: map[string]bool{}}
	if err := j.header(); err != nil {
		return p, err
	}
	if j.file == nil || !j.results.Resume {
		return p, nil
	}
	p.resumed = !j.created
	header := bytes.Clone(j.buf.Bytes())
	records := newRecords(j.file, ',', maxJournalRecord)
	head, err := records.next()
	j.cutAt = 0
	switch {
	case err == io.EOF:
		return p, nil
	case err != nil:
		return p, fmt.Errorf("reading %s: %w", j.results.Path, err)
	case !head.whole && bytes.HasPrefix(header, bytes.TrimRight(head.data, "\n")):
		return p, nil // torn when it was begun
	case !j.recognise(head.data):
		return p, fmt.Errorf("%s is not a results file of groupsync: its first line should be %s", j.results.Path, bytes.TrimSpace(header))
	}
	if !head.whole {
		return p, j.header() // without its line end it is torn as well
	}
	records.comma = j.format.Delimiter
	j.cutAt = head.end
	p.begun = true

	names, err := cellsIn(bytes.TrimPrefix(head.data, []byte("\ufeff")), j.format.Delimiter)
	if err != nil {
		return p, err
	}
	decoder, err := newDecoder[Record](names, j.format.Delimiter)
	if err != nil {
		return p, err
	}
	torn, err := p.records(j, in, records, decoder)
	if err != nil {
		return p, err
	}
	next, err := in.Next()
	switch {
	case err != nil && err != io.EOF:
		return p, err
	case err == nil:
		p.backlog = append(p.backlog, item{Row: next})
	case p.fresh() == 0:
		if p.completeSince, err = modTime(j.file); err != nil {
			return p, fmt.Errorf("reading %s: %w", j.results.Path, err)
		}
		if torn {
			return p, j.cut()
		}
	}
	return p, nil
}

// records takes the whole records of the journal, and reports whether a torn one follows.
func (p *past) records(j *journal, in *Reader, records *records, d *decoder[Record]) (torn bool, err error) {
	for {
		rec, err := records.next()
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("reading %s: %w", j.results.Path, err)
		}
		if rec.torn || !rec.whole {
			return true, nil
		}
		if err := p.step(j, in, rec, d); err != nil {
			return false, fmt.Errorf("%s, line %d: %w", j.results.Path, rec.line, err)
		}
	}
}

// step takes one record of the journal, and the rows of the input up to the one it echoes.
func (p *past) step(j *journal, in *Reader, rec record, d *decoder[Record]) error {
	if rec.broken != "" {
		return fmt.Errorf("this is not a record that groupsync wrote: %s", rec.broken)
	}
	r, err := d.decode(rec.data)
	if err != nil {
		return fmt.Errorf("this is not a record that groupsync wrote: %w", err)
	}
	line, err := strconv.Atoi(r.Line)
	if err != nil || !slices.Contains(Statuses(), r.Status) {
		return fmt.Errorf("this is not a record that groupsync wrote: line %s, status %s", shown(r.Line), shown(string(r.Status)))
	}
	if r.StoreID != j.results.StoreID {
		return fmt.Errorf("these are the results of store %s, and this run is for store %s", shown(r.StoreID), j.results.StoreID)
	}
	for {
		row, err := in.Next()
		switch {
		case err == io.EOF:
			return fmt.Errorf("the record is of line %d of the input, and the input ends before that: it is not the input of these results", line)
		case err != nil:
			return err
		case row.Line < line:
			p.sendAgain(row)
			if p.missing++; p.missing > p.window+1 {
				return fmt.Errorf("there is no record of the input's line %d and of many behind it: the results were changed", p.backlog[0].Line)
			}
			continue
		case row.Line > line || !echoes(r.Cells, row.Cells, in.keyColumn() != ""):
			return fmt.Errorf("the record does not echo line %d of the input: one of the two was changed", line)
		}
		if row.Err == nil && p.again[row.group()] {
			p.sendAgain(row)
			return nil
		}
		p.counts[r.Status]++
		p.recorded++
		p.reasons.add(r.Status, r.Error, line)
		if len(p.backlog) == 0 {
			j.cutAt = rec.end
		} else {
			p.backlog = append(p.backlog, item{row, &r})
		}
		return nil
	}
}

// sendAgain puts a row without a record into the backlog, or one whose record does not count.
func (p *past) sendAgain(row Row) {
	p.backlog = append(p.backlog, item{Row: row})
	if row.Err == nil {
		p.again[row.group()] = true
	}
}

// echoes reports whether cells that went through the journal are those of the row. The journal does not
// keep a carriage return before a line feed. Where the groups were found by a key, it holds the groupId
// that was found.
func echoes(journal, row Cells, byKey bool) bool {
	if byKey && isBlank(row.GroupID) {
		journal.GroupID = row.GroupID
	}
	plain := func(c Cells) Cells {
		for _, s := range []*string{&c.GroupID, &c.Name, &c.ExternalReferenceID} {
			*s = strings.ReplaceAll(*s, "\r", "")
		}
		return c
	}
	return journal == row || plain(journal) == plain(row)
}
