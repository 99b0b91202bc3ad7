package journal

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"groupsync/sync/groupfile"
	"groupsync/sync/internal/csvrecord"
	"groupsync/sync/internal/quote"
)

// past is what an earlier run left in the journal.
type History struct {
	// counts are the records that stay, by their status; recorded is their number.
	Counts   map[Status]int
	Recorded int
	Reasons  Reasons // of those that are not good
	// backlog are the rows from the first unsettled one to the last recorded one, and the row behind that.
	Backlog []Entry
	// again are the groups of its unsettled rows: later rows of theirs are sent again, recorded or not, because
	// the last row of a group wins.
	again map[string]bool
	// window is how many rows of a run can be unsettled at once.
	window int
	// missing is how many rows before the last recorded one have no record.
	missing int
	// completeSince is when the journal was completed, if every row of the input has its record.
	CompleteSince time.Time
	// begun: there is a journal, so that an earlier run may have sent PUTs. There is a file at least if resumed.
	Begun, Resumed bool
}

// item is a row on its way into the pipeline, or what an earlier run recorded of it.
type Entry struct {
	groupfile.Row
	Recorded *Record
}

// fresh is the number of rows of the backlog that have no record.
func (p *History) Fresh() (n int) {
	for _, i := range p.Backlog {
		if i.Recorded == nil {
			n++
		}
	}
	return n
}

// settled reports whether the row at a line of the input has its record.
func (p *History) Settled(line int) bool {
	if len(p.Backlog) == 0 || line < p.Backlog[0].Line {
		return p.Begun
	}
	i, found := slices.BinarySearchFunc(p.Backlog, line, func(i Entry, line int) int { return i.Line - line })
	return found && p.Backlog[i].Recorded != nil
}

// find finds the groups of the rows that were read before the store's groups were known.
func (p *History) Find(in *groupfile.Reader) {
	for i := range p.Backlog {
		if p.Backlog[i].Recorded == nil {
			in.FindGroup(&p.Backlog[i].Row)
		}
	}
}

// maxJournalRecord bounds a record of the journal, in bytes: it holds the cells of one of the input, their
// quotes doubled.
const MaxJournalRecord = 3 * csvrecord.MaxSize

// replay reads the journal in step with the input: each record must echo the next row, or a later one if
// a stop left rows between them unsettled. The input then stands where the run is to go on.
//
// What stays of the file is all but a torn last record, and, when rows before the last record are
// unsettled, the records behind the first of these: they are written again in their order.
func (j *Journal) Replay(in *groupfile.Reader, window int) (History, error) {
	p := History{window: window, Counts: map[Status]int{}, Reasons: Reasons{}, again: map[string]bool{}}
	if err := j.header(); err != nil {
		return p, err
	}
	if j.file == nil || !j.Results.Resume {
		return p, nil
	}
	p.Resumed = !j.created
	header := bytes.Clone(j.buf.Bytes())
	records := csvrecord.NewReader(j.file, ',', MaxJournalRecord)
	head, err := records.Next()
	j.cutAt = 0
	switch {
	case err == io.EOF:
		return p, nil
	case err != nil:
		return p, fmt.Errorf("reading %s: %w", j.Results.Path, err)
	case !head.Complete && bytes.HasPrefix(header, bytes.TrimRight(head.Data, "\n")):
		return p, nil // torn when it was begun
	case !j.recognise(head.Data):
		return p, fmt.Errorf("%s is not a results file of groupsync: its first line should be %s", j.Results.Path, bytes.TrimSpace(header))
	}
	if !head.Complete {
		return p, j.header() // without its line end it is torn as well
	}
	records.Comma = j.format.Delimiter
	j.cutAt = head.End
	p.Begun = true

	names, err := csvrecord.Split(bytes.TrimPrefix(head.Data, []byte("\ufeff")), j.format.Delimiter)
	if err != nil {
		return p, err
	}
	decoder, err := csvrecord.NewDecoder[Record](names, j.format.Delimiter)
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
		p.Backlog = append(p.Backlog, Entry{Row: next})
	case p.Fresh() == 0:
		if p.CompleteSince, err = modTime(j.file); err != nil {
			return p, fmt.Errorf("reading %s: %w", j.Results.Path, err)
		}
		if torn {
			return p, j.cut()
		}
	}
	return p, nil
}

// records takes the whole records of the journal, and reports whether a torn one follows.
func (p *History) records(j *Journal, in *groupfile.Reader, records *csvrecord.Reader, d *csvrecord.Decoder[Record]) (torn bool, err error) {
	for {
		rec, err := records.Next()
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("reading %s: %w", j.Results.Path, err)
		}
		if rec.Torn || !rec.Complete {
			return true, nil
		}
		if err := p.step(j, in, rec, d); err != nil {
			return false, fmt.Errorf("%s, line %d: %w", j.Results.Path, rec.Line, err)
		}
	}
}

// step takes one record of the journal, and the rows of the input up to the one it echoes.
func (p *History) step(j *Journal, in *groupfile.Reader, rec csvrecord.Record, d *csvrecord.Decoder[Record]) error {
	r, line, err := decodeRecord(d, rec)
	if err != nil {
		return err
	}
	if r.StoreID != j.Results.StoreID {
		return fmt.Errorf("these are the results of store %s, and this run is for store %s", quote.Text(r.StoreID), j.Results.StoreID)
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
				return fmt.Errorf("there is no record of the input's line %d and of many behind it: the results were changed", p.Backlog[0].Line)
			}
			continue
		case row.Line > line || !echoes(r.Cells, row.Cells, in.KeyColumn() != ""):
			return fmt.Errorf("the record does not echo line %d of the input: one of the two was changed", line)
		}
		if row.Err == nil && p.again[row.Group()] {
			p.sendAgain(row)
			return nil
		}
		p.Counts[r.Status]++
		p.Recorded++
		p.Reasons.Add(r.Status, r.Error, line)
		if len(p.Backlog) == 0 {
			j.cutAt = rec.End
		} else {
			p.Backlog = append(p.Backlog, Entry{row, &r})
		}
		return nil
	}
}

// sendAgain puts a row without a record into the backlog, or one whose record does not count.
func (p *History) sendAgain(row groupfile.Row) {
	p.Backlog = append(p.Backlog, Entry{Row: row})
	if row.Err == nil {
		p.again[row.Group()] = true
	}
}

// echoes reports whether cells that went through the journal are those of the row. The journal does not
// keep a carriage return before a line feed. Where the groups were found by a key, it holds the groupId
// that was found.
func echoes(journal, row groupfile.Cells, byKey bool) bool {
	if byKey && groupfile.IsBlank(row.GroupID) {
		journal.GroupID = row.GroupID
	}
	plain := func(c groupfile.Cells) groupfile.Cells {
		for _, s := range []*string{&c.GroupID, &c.Name, &c.ExternalReferenceID} {
			*s = strings.ReplaceAll(*s, "\r", "")
		}
		return c
	}
	return journal == row || plain(journal) == plain(row)
}
