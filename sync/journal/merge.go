package journal

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"strconv"

	"groupsync/sync/groupfile"
	"groupsync/sync/internal/csvrecord"

	"github.com/gocarina/gocsv"
)

// writeMerged writes the new results and syncs them to disk. It then removes the records of the retry.
func (j *Journal) writeMerged(write func(*merger) error) error {
	info, err := os.Stat(j.results.Path)
	if err != nil {
		return fmt.Errorf("reading the results: %w", err)
	}
	f, err := j.fsys.Open(j.results.MergedPath(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return j.writeError(err)
	}
	m := &merger{journal: j, out: bufio.NewWriterSize(f, flushAt)}
	for _, step := range []func() error{
		func() error { return f.Chmod(info.Mode().Perm()) },
		func() error { return write(m) },
		m.out.Flush,
		f.Sync,
	} {
		if err == nil {
			err = step()
		}
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return errors.Join(j.writeError(err), j.fsys.Remove(j.results.MergedPath()))
	}
	file := j.file
	j.file, j.buf = nil, bytes.Buffer{}
	if err := cmp.Or(file.Close(), j.fsys.Remove(j.path)); err != nil {
		return j.writeError(err)
	}
	return nil
}

// merger writes new results.
type merger struct {
	journal *Journal
	out     *bufio.Writer
	csv     *gocsv.SafeCSVWriter
}

// merge writes a record for each row of the input: the one that it keeps, or the next one of the retry.
func (m *merger) merge(ctx context.Context, in *groupfile.Input, s *script) error {
	return m.withBoth(func(old, retried *oldRecords) error {
		return in.Again(ctx, func(rows *groupfile.Reader) error {
			at := s.cursor()
			for row, err := range rows.All() {
				if err != nil {
					return err
				}
				skip, keep := at.next()
				for range skip {
					if _, err := old.nextBytes(); err != nil {
						return fmt.Errorf("reading the old results again: %w", err)
					}
				}
				from := retried
				if keep {
					from = old
				}
				rec, err := from.nextBytes()
				if err != nil {
					return fmt.Errorf("reading the record of line %d: %w", row.Line, err)
				}
				if err := m.write(from, rec, row.Line); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// fold writes the records of the retry and those of the old results whose groups the retry has not sent, in the order
// of their lines.
func (m *merger) fold(in *groupfile.Input) error {
	z := newItemizer(in.Reader(), maphash.MakeSeed())
	sent := map[group]bool{}
	return m.withBoth(func(old, retried *oldRecords) error {
		first, err := m.journal.openRecords(m.journal.path)
		if err != nil {
			return err
		}
		for r, err := first.next(); err != io.EOF; r, err = first.next() {
			if err != nil {
				return errors.Join(err, first.Close())
			}
			sent[z.groupOf(r.Record)] = true
		}
		if err := first.Close(); err != nil {
			return err
		}
		delete(sent, noGroup)
		return m.byLine(old, retried, func(r Record) bool { return sent[z.groupOf(r)] })
	})
}

// byLine writes the records of both in the order of their lines, without those of the old results that skip selects.
func (m *merger) byLine(old, retried *oldRecords, skip func(Record) bool) error {
	a, b := &peeked{from: old}, &peeked{from: retried}
	a.advance()
	b.advance()
	for {
		first := b
		if b.err == io.EOF || a.err == nil && a.record.line < b.record.line {
			first = a
		}
		switch {
		case first.err == io.EOF:
			return nil
		case a.err != nil && a.err != io.EOF, b.err != nil && b.err != io.EOF:
			return cmp.Or(a.err, b.err)
		}
		if first == b || !skip(a.record.Record) {
			if err := m.write(first.from, first.bytes, first.record.line); err != nil {
				return err
			}
		}
		first.advance()
	}
}

// peeked reads records one at a time, and holds the next one.
type peeked struct {
	from   *oldRecords
	bytes  csvrecord.Record
	record oldRecord
	err    error
}

func (p *peeked) advance() {
	if p.bytes, p.err = p.from.nextBytes(); p.err == nil {
		p.record, p.err = p.from.decode(p.bytes)
	}
}

// withBoth opens the old results and the records of the retry, and writes the header of the new results.
func (m *merger) withBoth(f func(old, retried *oldRecords) error) error {
	old, err := m.journal.openRecords(m.journal.results.Path)
	if err != nil {
		return err
	}
	retried, err := m.journal.openRecords(m.journal.path)
	if err != nil {
		return errors.Join(err, old.Close())
	}
	out := csv.NewWriter(m.out)
	out.Comma = rune(m.journal.format.Delimiter)
	m.csv = gocsv.NewSafeCSVWriter(out)
	if m.journal.format.BOM {
		m.out.WriteString(byteOrderMark)
	}
	err = gocsv.MarshalCSV([]Record{}, m.csv)
	if err == nil {
		err = f(old, retried)
	}
	return errors.Join(err, old.Close(), retried.Close())
}

// write writes a record with the line that its row has in the input. Its other cells are copied as they are.
func (m *merger) write(from *oldRecords, rec csvrecord.Record, line int) error {
	if from.format.Delimiter != m.journal.format.Delimiter {
		r, err := from.decode(rec)
		if err != nil {
			return err
		}
		r.Record.Line = strconv.Itoa(line)
		return gocsv.MarshalCSVWithoutHeaders([]Record{r.Record}, m.csv)
	}
	m.out.WriteString(strconv.Itoa(line)) // the next write reports its error
	_, err := m.out.Write(rec.Data[bytes.IndexByte(rec.Data, from.format.Delimiter):])
	return err
}
