package journal

import (
	"context"
	"errors"
	"hash/maphash"
	"strings"

	"groupsync/sync/groupfile"
)

// alignWindow is how many rows, and how many records, are read ahead to find out where rows were inserted or deleted.
const alignWindow = 10_000

// comparison decides which rows of an edited input keep the records of earlier results:
//
//   - A row keeps a record that is good and holds the same cells.
//   - Once a row of a group is sent, so are its later rows, because the last row of a group wins.
//   - If an update was sent for a row that has been changed or deleted since, the rows of its group that set the same
//     field are sent as well: the update may have overwritten their values.
type comparison struct {
	script
	seed        maphash.Seed
	counts      map[Status]int   // of the kept records
	isMoved     bool             // a kept row is on a different line than its record
	isTorn      bool             // the results end with an incomplete record
	conflicts   bool             // a record is a conflict
	sent        map[group]bool   // groups of rows that are sent
	dropped     map[group]fields // the fields that were set for rows that have been changed or deleted
	overwritten map[group]fields // the first pass's dropped; nil during that pass
}

// compare compares the input with the old results of a retry.
func (j *Journal) compare(ctx context.Context, in *groupfile.Input) (*comparison, error) {
	first := &comparison{seed: maphash.MakeSeed()}
	err := first.run(ctx, j, in)
	if err != nil || len(first.dropped) == 0 {
		return first, err
	}
	second := &comparison{seed: first.seed, overwritten: first.dropped}
	return second, second.run(ctx, j, in)
}

func (c *comparison) run(ctx context.Context, j *Journal, in *groupfile.Input) error {
	c.counts, c.sent, c.dropped = map[Status]int{}, map[group]bool{}, map[group]fields{}
	old, err := j.openRecords(j.results.Path)
	if err != nil {
		return err
	}
	j.setFormat(old.format)
	err = in.Again(ctx, func(rows *groupfile.Reader) error {
		z := newItemizer(rows, c.seed)
		a := &aligner{window: alignWindow, matched: c.matched, unrecorded: c.unrecorded, unmatched: c.unmatched}
		a.rows.next = func() (item, error) {
			row, err := rows.Next()
			if err != nil {
				return item{}, err
			}
			return z.row(row), nil
		}
		a.records.next = func() (item, error) {
			r, err := old.next()
			if err != nil {
				return item{}, err
			}
			c.conflicts = c.conflicts || r.Status == Conflict
			return z.record(r.Record, r.line), nil
		}
		a.records.ahead = z.ahead
		return a.run()
	})
	c.isTorn = old.isTorn
	return errors.Join(err, old.Close())
}

// matched handles a row, and a record that holds the same cells.
func (c *comparison) matched(row, record item) {
	if !record.record.Status.Good() || c.sent[row.group] || c.overwritten[row.group]&row.fields != 0 {
		c.drop()
		c.unrecorded(row)
		return
	}
	c.keep(row.line)
	c.counts[record.record.Status]++
	c.isMoved = c.isMoved || row.line != record.line
}

// unrecorded handles a row that keeps no record: it has to be sent.
func (c *comparison) unrecorded(row item) {
	c.send()
	if row.group != noGroup {
		c.sent[row.group] = true
	}
}

// unmatched handles a record whose row has been changed or deleted.
func (c *comparison) unmatched(record item) {
	c.drop()
	if record.group != noGroup {
		c.dropped[record.group] |= record.fields
	}
}

// group identifies the group of a row: by its id, or by a hash of its key.
type group uint64

const noGroup group = 0

// fields are the fields of a group that an update sets.
type fields uint8

const (
	nameField fields = 1 << iota
	externalIDField
)

// itemizer makes items from rows and records.
type itemizer struct {
	rows *groupfile.Reader
	key  bool // groups are found by a key
	seed maphash.Seed
}

func newItemizer(rows *groupfile.Reader, seed maphash.Seed) *itemizer {
	return &itemizer{rows: rows, key: rows.KeyColumn() != "", seed: seed}
}

func (z *itemizer) row(row groupfile.Row) item {
	i := item{line: row.Line, hash: z.hash(row.Cells, !z.key || !groupfile.IsBlank(row.GroupID))}
	i.group, i.fields = z.target(row)
	return i
}

func (z *itemizer) record(r Record, line int) item {
	i := item{line: line, hash: z.hash(r.Cells, true), record: r}
	if z.key { // the record holds the groupId that was found
		i.alternative = z.hash(r.Cells, false)
	}
	return i
}

// ahead finds the group of a record that is read ahead. That takes time, and most records do not need it.
func (z *itemizer) ahead(i *item) {
	if mayHaveChangedGroup(i.record) {
		i.group, i.fields = z.target(z.rows.RowOf(i.record.Cells))
	}
	i.record = Record{Status: i.record.Status}
}

// groupOf returns the group of a record.
func (z *itemizer) groupOf(r Record) group {
	g, _ := z.target(z.rows.RowOf(r.Cells))
	return g
}

// target returns the group of a row, and the fields that its update sets.
func (z *itemizer) target(row groupfile.Row) (g group, f fields) {
	if row.Err != nil {
		return noGroup, 0
	}
	if !row.Update.Name.IsZero() {
		f |= nameField
	}
	if !row.Update.ExternalReferenceID.IsZero() {
		f |= externalIDField
	}
	if row.Key != "" {
		return group(maphash.String(z.seed, row.Key) | 1<<63), f
	}
	return group(row.ID), f
}

// hash returns a hash of cells, without carriage returns: records do not keep one before a line feed.
func (z *itemizer) hash(c groupfile.Cells, withGroupID bool) uint64 {
	var h maphash.Hash
	h.SetSeed(z.seed)
	if withGroupID {
		h.WriteString(strings.ReplaceAll(c.GroupID, "\r", ""))
	}
	for _, cell := range []string{c.Name, c.ExternalReferenceID} {
		h.WriteByte(0xff) // never occurs in UTF-8
		h.WriteString(strings.ReplaceAll(cell, "\r", ""))
	}
	return max(h.Sum64(), 1)
}

// mayHaveChangedGroup reports whether an update for the row of a record may have changed its group.
func mayHaveChangedGroup(r Record) bool {
	switch r.Status {
	case Updated, Unchanged:
		return true
	case Failed:
		return r.Attempts != "0" && (r.HTTPStatus == "" || r.HTTPStatus == "408" || r.HTTPStatus >= "5")
	}
	return false
}
