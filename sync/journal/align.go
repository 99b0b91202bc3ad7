package journal

import "io"

// item is what the alignment needs of a row of the input or a record of the results.
type item struct {
	hash uint64 // of the cells
	// alternative is a second hash that also matches; 0: there is none.
	alternative uint64
	line        int
	// group is the group whose fields the row's update sets. A record has one only once it is read ahead, and only if
	// its update may have reached the store.
	group  group
	fields fields
	record Record // without its cells once it is read ahead: these may be long
}

func (r item) matches(row item) bool {
	return r.hash == row.hash || r.alternative != 0 && r.alternative == row.hash
}

// aligner matches the rows of an edited input with the records of earlier results, by their cells and in order.
// Between two matching pairs, it reports which rows have no record and which records have no row.
//
// It reads at most window rows and window records ahead. If more were inserted or deleted in one place, it misses
// pairs, and rows are sent that need not be. It never finds a wrong pair.
type aligner struct {
	window        int
	rows, records itemReader
	matched       func(row, record item)
	unrecorded    func(row item)
	unmatched     func(record item)
}

// run aligns all rows and records. It reports the rows in order, and the records in order.
func (a *aligner) run() error {
	for !a.rows.ended || !a.records.ended {
		if done, err := a.pair(); err != nil {
			return err
		} else if done {
			continue
		}
		var err error
		if a.records.ended || !a.rows.ended && len(a.rows.items) <= len(a.records.items) {
			err = a.readRow()
		} else {
			err = a.readRecord()
		}
		if err != nil {
			return err
		}
		if len(a.rows.items) > a.window {
			a.dropRows(1)
		}
		if len(a.records.items) > a.window {
			a.dropRecords(1)
		}
	}
	a.dropRows(len(a.rows.items))
	a.dropRecords(len(a.records.items))
	return nil
}

// pair reads a row and a record if none was read ahead. It is the fast path: the two usually match.
func (a *aligner) pair() (done bool, err error) {
	if a.rows.ended || a.records.ended || len(a.rows.items) > 0 || len(a.records.items) > 0 {
		return false, nil
	}
	row, ok, err := a.rows.read()
	if err != nil || !ok {
		return true, err
	}
	record, ok, err := a.records.read()
	switch {
	case err != nil:
		return true, err
	case ok && record.matches(row):
		a.matched(row, record)
		return true, nil
	case ok:
		a.records.push(record)
	}
	a.rows.push(row)
	return true, nil
}

func (a *aligner) readRow() error {
	row, ok, err := a.rows.read()
	if err != nil || !ok {
		return err
	}
	i, found := a.records.find(row.hash)
	if !found {
		a.rows.push(row)
		return nil
	}
	a.dropRows(len(a.rows.items))
	a.dropRecords(i)
	a.matched(row, a.records.pop())
	return nil
}

func (a *aligner) readRecord() error {
	record, ok, err := a.records.read()
	if err != nil || !ok {
		return err
	}
	i, found := a.rows.find(record.hash)
	if j, also := a.rows.find(record.alternative); also && record.alternative != 0 && (!found || j < i) {
		i, found = j, true
	}
	if !found {
		a.records.push(record)
		return nil
	}
	a.dropRecords(len(a.records.items))
	a.dropRows(i)
	a.matched(a.rows.pop(), record)
	return nil
}

func (a *aligner) dropRows(n int) {
	for range n {
		a.unrecorded(a.rows.pop())
	}
}

func (a *aligner) dropRecords(n int) {
	for range n {
		a.unmatched(a.records.pop())
	}
}

// itemReader reads a stream of items. It keeps those that were read ahead.
type itemReader struct {
	next   func() (item, error)
	ahead  func(*item) // called with an item that is read ahead; nil: nothing
	ended  bool
	items  []item
	popped int            // the number of items before items[0]
	byHash map[uint64]int // the index in the stream of the item with a hash
}

// read reads the next item of the stream. It returns false at its end.
func (r *itemReader) read() (item, bool, error) {
	i, err := r.next()
	if err == io.EOF {
		r.ended = true
		return item{}, false, nil
	}
	return i, err == nil, err
}

// push adds an item to those that were read ahead.
func (r *itemReader) push(i item) {
	if r.byHash == nil {
		r.byHash = map[uint64]int{}
	}
	if r.ahead != nil {
		r.ahead(&i)
	}
	for _, hash := range []uint64{i.hash, i.alternative} {
		if _, taken := r.byHash[hash]; hash != 0 && !taken {
			r.byHash[hash] = r.popped + len(r.items)
		}
	}
	r.items = append(r.items, i)
}

// pop removes the first item that was read ahead.
func (r *itemReader) pop() item {
	i := r.items[0]
	for _, hash := range []uint64{i.hash, i.alternative} {
		if at, ok := r.byHash[hash]; ok && at == r.popped {
			delete(r.byHash, hash)
		}
	}
	r.items = r.items[1:]
	r.popped++
	return i
}

// find returns the index, among the items that were read ahead, of the one with a hash.
func (r *itemReader) find(hash uint64) (int, bool) {
	at, ok := r.byHash[hash]
	return at - r.popped, ok
}
