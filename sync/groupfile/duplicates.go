package groupfile

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"slices"

	"groupsync/sync/internal/extsort"
	"groupsync/sync/internal/spool"
)

// duplicates finds groups with several rows, and external ids that are assigned to several groups.
//
// It does not keep the values of the file in a map, because they may not fit into memory. It sorts instead, on disk if
// necessary, and twice. The first sort, by group, makes all rows of a group adjacent. Read from the last row to the first,
// they show until which line the group keeps each external id. The second sort, by external id, makes all assignments of
// an id adjacent, each with that line.
type duplicates struct {
	seeds       [2]maphash.Seed
	rows        *extsort.Sorter[groupRow]
	assignments *extsort.Sorter[assignment]
	values      spool.Spool // the key and the external id of each row, for the examples
	buf         []byte
}

// digest is a hash of a value, or a group id. Two different values have the same hash with a probability of 2^-128.
type digest [2]uint64

// groupRow is one row of a group.
type groupRow struct {
	group  digest
	line   int64
	offset int64 // in values
	// sets reports whether the row changes the group's external id, and id is the digest of the new one. A zero id
	// clears it.
	sets bool
	id   digest
}

// assignment is one row that assigns an external id to a group.
type assignment struct {
	id     digest
	group  digest
	line   int64
	offset int64 // in values
	// released is the line of the next row in which the group gets another value, or math.MaxInt64.
	released int64
	// changed is the line of the last row, after this one, in which the group gets another value, or 0.
	changed int64
}

const (
	groupRowSize   = 49
	assignmentSize = 64
)

var byteOrder = binary.LittleEndian

func newDuplicates() *duplicates {
	return &duplicates{
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		rows: extsort.New(extsort.Format[groupRow]{
			Size: groupRowSize,
			Put: func(b []byte, r groupRow) {
				b[48] = 0
				if r.sets {
					b[48] = 1
				}
				putNumbers(b, r.group[0], r.group[1], uint64(r.line), uint64(r.offset), r.id[0], r.id[1])
			},
			Get: func(b []byte) groupRow {
				return groupRow{digestAt(b, 0), int64(byteOrder.Uint64(b[16:])), int64(byteOrder.Uint64(b[24:])), b[48] == 1, digestAt(b, 32)}
			},
			Compare: func(a, b groupRow) int { return cmp.Or(compareDigests(a.group, b.group), cmp.Compare(b.line, a.line)) },
		}),
		assignments: extsort.New(extsort.Format[assignment]{
			Size: assignmentSize,
			Put: func(b []byte, a assignment) {
				putNumbers(b, a.id[0], a.id[1], a.group[0], a.group[1], uint64(a.line), uint64(a.offset), uint64(a.released), uint64(a.changed))
			},
			Get: func(b []byte) assignment {
				return assignment{
					digestAt(b, 0), digestAt(b, 16), int64(byteOrder.Uint64(b[32:])), int64(byteOrder.Uint64(b[40:])),
					int64(byteOrder.Uint64(b[48:])), int64(byteOrder.Uint64(b[56:])),
				}
			},
			Compare: func(a, b assignment) int { return cmp.Or(compareDigests(a.id, b.id), cmp.Compare(a.line, b.line)) },
		}),
		values: spool.Spool{MaxMemory: 16 << 20},
	}
}

func putNumbers(b []byte, numbers ...uint64) {
	for i, n := range numbers {
		byteOrder.PutUint64(b[8*i:], n)
	}
}

func digestAt(b []byte, at int) digest {
	return digest{byteOrder.Uint64(b[at:]), byteOrder.Uint64(b[at+8:])}
}

func compareDigests(a, b digest) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) }

func (d *duplicates) digest(s string) digest {
	return digest{maphash.String(d.seeds[0], s), maphash.String(d.seeds[1], s)}
}

// add adds a sendable row. Rows must be added in the order of their lines.
func (d *duplicates) add(row Row) error {
	r := groupRow{group: digest{0, uint64(row.ID)}, line: int64(row.Line), offset: d.values.Size()}
	key := row.Group()
	if row.Key != "" {
		r.group = d.digest(key)
	}
	id := row.Update.ExternalReferenceID.Value()
	if r.sets = !row.Update.ExternalReferenceID.IsZero(); id != "" {
		r.id = d.digest(id)
	}
	d.buf = binary.AppendUvarint(d.buf[:0], uint64(len(key)))
	d.buf = append(d.buf, key...)
	d.buf = binary.AppendUvarint(d.buf, uint64(len(id)))
	d.buf = append(d.buf, id...)
	if _, err := d.values.Write(d.buf); err != nil {
		return err
	}
	return d.rows.Add(r)
}

// valuesAt returns the key and the external id at an offset in values.
func (d *duplicates) valuesAt(offset int64) (key, id string, err error) {
	buf := make([]byte, min(int64(2*(maxCell+binary.MaxVarintLen64)), d.values.Size()-offset))
	if _, err := d.values.ReadAt(buf, offset); err != nil {
		return "", "", err
	}
	in := bytes.NewBuffer(buf)
	next := func() string {
		n, _ := binary.ReadUvarint(in)
		return string(in.Next(int(n)))
	}
	return next(), next(), nil
}

// find adds the repeated groups and the conflicting ids to a check.
func (d *duplicates) find(c *Check) error {
	if err := d.values.Flush(); err != nil {
		return err
	}
	if err := d.findGroups(c); err != nil {
		return err
	}
	return d.findIDs(c)
}

// findGroups finds groups with several rows, and collects all assignments of external ids.
func (d *duplicates) findGroups(c *Check) error {
	var found examples
	g := groupHistory{}
	end := func() {
		if g.rows > 1 {
			c.RepeatedGroups++
			slices.Reverse(g.first)
			found.add(example{line: g.first[1], offset: g.offset, lines: g.first})
		}
	}
	for r, err := range d.rows.All() {
		if err != nil {
			return err
		}
		if r.group != g.group {
			end()
			g = groupHistory{group: r.group}
		}
		if a, ok := g.add(r); ok {
			if err := d.assignments.Add(a); err != nil {
				return err
			}
		}
	}
	end()
	var err error
	c.Repeated, err = found.load(func(at int64) (string, error) { key, _, err := d.valuesAt(at); return key, err })
	return err
}

// groupHistory tracks the rows of one group, from the last to the first.
type groupHistory struct {
	group  digest
	rows   int
	first  []int64 // the lines of the first rows, in descending order
	offset int64   // of the first row

	// The rows after the current one that set the external id:
	sets      bool     // whether there is such a row
	next      groupRow // the next one
	released  int64    // the line in which the id of next is released
	last      groupRow // the last one
	otherLine int64    // the last line with a value other than that of last, or 0
}

// add adds a row, and returns its assignment, if it has one. Rows must be added from the last to the first.
func (g *groupHistory) add(r groupRow) (assignment, bool) {
	g.rows++
	if g.first = append(g.first, r.line); len(g.first) > maxExampleLines {
		g.first = g.first[1:]
	}
	g.offset = r.offset
	if !r.sets {
		return assignment{}, false
	}
	a := assignment{id: r.id, group: r.group, line: r.line, offset: r.offset, released: math.MaxInt64, changed: g.otherLine}
	switch {
	case !g.sets:
		g.sets, g.last = true, r
	case g.next.id == r.id:
		a.released = g.released
	default:
		a.released = g.next.line
	}
	if g.last.id != r.id {
		a.changed = g.last.line
		g.otherLine = max(g.otherLine, r.line)
	}
	g.next, g.released = r, a.released
	return a, r.id != digest{}
}

// findIDs finds external ids that are assigned to a group while another group has them. Unless a later row of that other
// group changes its external id, the store refuses the row.
func (d *duplicates) findIDs(c *Check) error {
	var found examples
	var holder assignment
	var conflict *example
	end := func() {
		if conflict != nil {
			c.ConflictingIDs++
			found.add(*conflict)
		}
		conflict = nil
	}
	for a, err := range d.assignments.All() {
		if err != nil {
			return err
		}
		if a.id != holder.id {
			end()
		} else if holder.group != a.group && holder.released > a.line {
			switch {
			case holder.changed > a.line:
				c.Transferred++
			case conflict == nil:
				c.Conflicting++
				conflict = &example{line: a.line, offset: a.offset, lines: []int64{holder.line, a.line}}
			default:
				c.Conflicting++
				if len(conflict.lines) < maxExampleLines {
					conflict.lines = append(conflict.lines, a.line)
				}
			}
		}
		holder = a
	}
	end()
	var err error
	c.Conflicts, err = found.load(func(at int64) (string, error) { _, id, err := d.valuesAt(at); return id, err })
	return err
}

func (d *duplicates) close() error {
	return errors.Join(d.rows.Close(), d.assignments.Close(), d.values.Close())
}

// example is a value of several rows.
type example struct {
	line   int64 // by which examples are sorted
	offset int64 // in values
	lines  []int64
}

// examples are the first few examples, sorted by line.
type examples []example

func (e *examples) add(x example) {
	i, _ := slices.BinarySearchFunc(*e, x, func(a, b example) int { return cmp.Compare(a.line, b.line) })
	if i < maxExamples {
		*e = slices.Insert(*e, i, x)
		*e = (*e)[:min(len(*e), maxExamples)]
	}
}

func (e examples) load(read func(offset int64) (string, error)) ([]Repeated, error) {
	var all []Repeated
	for _, x := range e {
		value, err := read(x.offset)
		if err != nil {
			return nil, fmt.Errorf("reading a temporary file: %w", err)
		}
		r := Repeated{Value: value}
		for _, line := range x.lines {
			r.Lines = append(r.Lines, int(line))
		}
		all = append(all, r)
	}
	return all, nil
}
