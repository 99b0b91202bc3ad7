// Package extsort sorts more records than fit into memory: it writes sorted runs to a temporary file, and merges them
// while they are read.
package extsort

import (
	"bufio"
	"cmp"
	"container/heap"
	"errors"
	"io"
	"iter"
	"slices"

	"groupsync/sync/internal/spool"
)

const (
	// runBytes is how much is sorted in memory at once.
	runBytes = 8 << 20
	// memoryWithoutFile is how many bytes of runs are kept in memory if no temporary file can be created.
	memoryWithoutFile = 16 << 20
	// readBytes is how much of each run is read at once.
	readBytes = 16 << 10
)

// Format tells how records of type T are ordered and stored. A stored record has Size bytes: Put writes them, and Get
// reads them.
type Format[T any] struct {
	Size    int
	Put     func([]byte, T)
	Get     func([]byte) T
	Compare func(a, b T) int
}

// Sorter takes records with [Sorter.Add] and then returns them in order with [Sorter.All].
type Sorter[T any] struct {
	format Format[T]
	run    []T
	max    int // records of a run
	spool  spool.Spool
	ends   []int64 // of the runs in the spool
	buf    []byte
}

// New returns a sorter of records of the format. It must be closed.
func New[T any](f Format[T]) *Sorter[T] {
	return &Sorter[T]{
		format: f,
		max:    runBytes / f.Size,
		spool:  spool.Spool{MaxMemory: memoryWithoutFile},
		buf:    make([]byte, f.Size),
	}
}

// Add adds a record. Its error is a [*spool.Error].
func (s *Sorter[T]) Add(v T) error {
	if len(s.run) == s.max {
		if err := s.writeRun(); err != nil {
			return err
		}
	}
	s.run = append(s.run, v)
	return nil
}

// writeRun sorts the records in memory, and writes them to the spool as one run.
func (s *Sorter[T]) writeRun() error {
	slices.SortFunc(s.run, s.format.Compare)
	for _, v := range s.run {
		s.format.Put(s.buf, v)
		if _, err := s.spool.Write(s.buf); err != nil {
			return err
		}
	}
	s.run = s.run[:0]
	s.ends = append(s.ends, s.spool.Size())
	return nil
}

// All returns the records in order. It may be called once; no record may be added after it.
func (s *Sorter[T]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if len(s.ends) == 0 {
			slices.SortFunc(s.run, s.format.Compare)
			for _, v := range s.run {
				if !yield(v, nil) {
					return
				}
			}
			return
		}
		var zero T
		m, err := s.merge()
		for err == nil && len(m.runs) > 0 {
			r := m.runs[0]
			if !yield(r.next, nil) {
				return
			}
			if err = r.read(s.format, s.buf); err == nil {
				heap.Fix(m, 0)
			} else if err == io.EOF {
				heap.Pop(m)
				err = nil
			}
		}
		if err != nil {
			yield(zero, err)
		}
	}
}

// merge opens all runs at their first records.
func (s *Sorter[T]) merge() (*merger[T], error) {
	if err := cmp.Or(s.writeRun(), s.spool.Flush()); err != nil {
		return nil, err
	}
	s.run = nil
	m := &merger[T]{compare: s.format.Compare}
	begin := int64(0)
	for _, end := range s.ends {
		r := &sortedRun[T]{in: bufio.NewReaderSize(io.NewSectionReader(&s.spool, begin, end-begin), readBytes)}
		begin = end
		switch err := r.read(s.format, s.buf); {
		case err == nil:
			m.runs = append(m.runs, r)
		case !errors.Is(err, io.EOF):
			return nil, err
		}
	}
	heap.Init(m)
	return m, nil
}

// Close releases the memory and the temporary file.
func (s *Sorter[T]) Close() error {
	s.run = nil
	return s.spool.Close()
}

// sortedRun is one sorted run while it is read.
type sortedRun[T any] struct {
	in   *bufio.Reader
	next T
}

func (r *sortedRun[T]) read(f Format[T], buf []byte) error {
	if _, err := io.ReadFull(r.in, buf); err != nil {
		return err
	}
	r.next = f.Get(buf)
	return nil
}

// merger is a heap of runs, ordered by their next records.
type merger[T any] struct {
	runs    []*sortedRun[T]
	compare func(a, b T) int
}

func (m *merger[T]) Len() int           { return len(m.runs) }
func (m *merger[T]) Less(i, j int) bool { return m.compare(m.runs[i].next, m.runs[j].next) < 0 }
func (m *merger[T]) Swap(i, j int)      { m.runs[i], m.runs[j] = m.runs[j], m.runs[i] }
func (m *merger[T]) Push(x any)         { m.runs = append(m.runs, x.(*sortedRun[T])) }
func (m *merger[T]) Pop() any {
	last := m.runs[len(m.runs)-1]
	m.runs = m.runs[:len(m.runs)-1]
	return last
}
