package extsort

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"groupsync/sync/internal/spool"
)

var numbers = Format[uint64]{
	Size:    8,
	Put:     func(b []byte, v uint64) { binary.LittleEndian.PutUint64(b, v) },
	Get:     func(b []byte) uint64 { return binary.LittleEndian.Uint64(b) },
	Compare: cmp.Compare[uint64],
}

func TestSorter(t *testing.T) {
	const perRun = 5000 // records of 8 bytes: a run is read in several parts
	for _, n := range []int{0, 1, perRun, perRun + 1, 2 * perRun, 3*perRun + 7} {
		s := New(numbers)
		s.max = perRun
		random := rand.New(rand.NewPCG(1, uint64(n)))
		var want []uint64
		for range n {
			v := random.Uint64N(uint64(n)) // so that some are equal
			want = append(want, v)
			if err := s.Add(v); err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(want)
		var got []uint64
		for v, err := range s.All() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, v)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d records: they are not sorted", n)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestSorterWithoutTemporaryFiles(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/missing")
	wide := numbers
	wide.Size = 4096
	s := New(wide)
	defer s.Close()
	var err error
	for i := uint64(0); err == nil && i < 5*runBytes/4096; i++ {
		err = s.Add(i)
	}
	if _, ok := errors.AsType[*spool.Error](err); !ok {
		t.Errorf("got %v, want a *spool.Error", err)
	}
}
