package journal

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"groupsync/sync/groupfile"
	"groupsync/sync/internal/csvrecord"

	"github.com/gocarina/gocsv"
)

// Results says where the outcomes go.
type Results struct {
	// Path is a file; it is written to Stdout instead if that is set.
	Path   string
	Stdout io.Writer
	// Resume goes on with a file that is there. Overwrite replaces it. With neither, it is refused.
	Resume, Overwrite bool
	// LockWait is how long to wait for another run that writes to the same results.
	LockWait time.Duration
	// StoreID stands in each record, and binds the file to its store.
	StoreID string
}

// Name is what messages call the results.
func (r Results) Name() string {
	if r.Stdout != nil {
		return "standard output"
	}
	return r.Path
}

// resultsFormat is how the results of an input are written: so that the program that wrote the input opens
// them as well.
func Format(input groupfile.Format) groupfile.Format {
	return groupfile.Format{Encoding: "utf-8", BOM: input.BOM || input.Encoding != "utf-8", Delimiter: input.Delimiter}
}

// Check says what stands in the way of the results, without touching anything.
func (r Results) Check() error {
	if r.Stdout != nil {
		return nil
	}
	info, err := os.Stat(r.Path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("the results can't be written to %s: it is a folder", r.Path)
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("the results can't be written to %s: it is not a file, and can't be gone on with; - is standard output", r.Path)
	case err == nil && !r.Resume && !r.Overwrite:
		return &ExistsError{r.Path}
	}
	if info, err := os.Stat(filepath.Dir(r.Path)); err != nil || !info.IsDir() {
		return fmt.Errorf("the results can't be written to %s: there is no such folder", r.Path)
	}
	return nil
}

// flushAt is how many bytes of records are gathered at most before they are written.
const flushAt = 64 << 10

// journal is the results file: records are appended to it, and what is written is not altered.
type Journal struct {
	disk    FS
	Results Results
	out     io.Writer
	file    File // nil on standard output
	format  groupfile.Format
	unlock  func() error

	buf    bytes.Buffer // whole records, not written yet: a write ends where a record ends
	csv    *gocsv.SafeCSVWriter
	synced bool // all that was written is on the disk

	opened   fs.FileInfo // which file it is
	created  bool        // there was no file before
	unwanted bool        // the file is to be removed

	Err error // the first that befell the file: nothing is written behind a torn record

	// cutAt is where the file ends, once cut, for those of its records that stay; -1: there is nothing to cut.
	cutAt int64
}

// openJournal takes the lock and opens the results. Nothing in them is changed yet.
func Open(ctx context.Context, d FS, r Results, f groupfile.Format, warn func(error)) (*Journal, error) {
	j := &Journal{disk: d, Results: r, out: r.Stdout, synced: true, cutAt: -1}
	j.use(f)
	if r.Stdout != nil {
		return j, nil
	}
	var err error
	j.unlock, err = r.lock(ctx, d, warn)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, err
	case errors.Is(err, errLocked):
		return nil, &LockedError{r.Path}
	case errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.ENOLCK), errors.Is(err, errors.ErrUnsupported):
		warn(fmt.Errorf("%s: this file system knows no locks: see to it that no second run writes to the same results", r.Path))
		j.unlock = func() error { return nil }
	case errors.Is(err, errNotLock):
		return nil, fmt.Errorf("the results can't be written to %s: the lock beside it would be %s, which exists and is not one: move it away, or write the results to another file", r.Path, r.LockPath())
	case err != nil:
		return nil, cmp.Or(r.Check(), fmt.Errorf("the results can't be written to %s: taking the lock beside it: %w", r.Path, err))
	}
	info, err := os.Stat(r.Path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, errors.Join(r.Check(), j.unlock())
	}
	j.created = err != nil
	flag := os.O_RDWR | os.O_CREATE
	switch {
	case r.Overwrite:
		j.cutAt = 0 // with the first record: until then the run may be refused
	case !r.Resume:
		flag |= os.O_EXCL
	}
	j.file, err = d.Open(r.Path, flag)
	if err != nil {
		err = cmp.Or(r.Check(), fmt.Errorf("the results can't be written: %w", err))
		return nil, errors.Join(err, j.unlock())
	}
	if j.created { // a checksum is left of results that were removed
		if err := r.DropChecksum(); err != nil {
			return nil, errors.Join(err, j.file.Close(), d.Remove(r.Path), j.unlock())
		}
	}
	j.out = j.file
	if j.opened, err = j.file.Stat(); err != nil {
		err = fmt.Errorf("the results can't be written: %w", err)
		return nil, errors.Join(err, j.file.Close(), j.unlock())
	}
	return j, nil
}

// lockEvery is how often a run that waits for another tries to take the lock.
const lockEvery = time.Second

// lock takes the lock beside the results. While another process holds it, it waits for LockWait at most.
func (r Results) lock(ctx context.Context, d FS, warn func(error)) (unlock func() error, err error) {
	path := r.LockPath()
	unlock, err = d.Lock(path)
	if r.LockWait <= 0 || !errors.Is(err, errLocked) {
		return unlock, err
	}
	warn(fmt.Errorf("another run is writing to %s: waiting for it to end, %v at most", r.Path, r.LockWait))
	end := time.NewTimer(r.LockWait)
	defer end.Stop()
	tick := time.NewTicker(lockEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-end.C:
			return d.Lock(path)
		case <-tick.C:
		}
		if unlock, err = d.Lock(path); !errors.Is(err, errLocked) {
			return unlock, err
		}
	}
}

// use says in which format the records are written.
func (j *Journal) use(f groupfile.Format) {
	j.format = f
	out := csv.NewWriter(&j.buf)
	out.Comma = rune(f.Delimiter)
	j.csv = gocsv.NewSafeCSVWriter(out)
}

// header writes the names of the columns.
func (j *Journal) header() error {
	if j.format.BOM {
		j.buf.WriteString("\ufeff")
	}
	return j.put(func() error { return gocsv.MarshalCSV([]Record{}, j.csv) })
}

// recognise takes over the format of a journal that begins with this line, and reports whether it is one: the
// names of the columns tell, with or without quotes around them.
func (j *Journal) recognise(line []byte) bool {
	columns, err := recordColumns()
	if err != nil {
		return false
	}
	plain, bom := bytes.CutPrefix(line, []byte("\ufeff"))
	for _, d := range []byte(groupfile.Delimiters) {
		if cells, err := csvrecord.Split(plain, d); err == nil && slices.Equal(cells, columns) {
			j.use(groupfile.Format{Encoding: "utf-8", BOM: bom, Delimiter: d})
			j.buf.Reset()
			return true
		}
	}
	return false
}

// recordColumns returns the names of the columns.
func recordColumns() ([]string, error) {
	var header bytes.Buffer
	if err := gocsv.MarshalCSV([]Record{}, gocsv.NewSafeCSVWriter(csv.NewWriter(&header))); err != nil {
		return nil, err
	}
	return csvrecord.Split(header.Bytes(), ',')
}

// write takes a record. It reaches the file with the next flush, or when many have been gathered.
func (j *Journal) Append(r Record) error {
	return j.put(func() error { return gocsv.MarshalCSVWithoutHeaders([]Record{r}, j.csv) })
}

func (j *Journal) put(marshal func() error) error {
	if err := marshal(); err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	if j.buf.Len() < flushAt {
		return nil
	}
	return j.Flush()
}

// flush writes what has been gathered.
func (j *Journal) Flush() error {
	if j.Err != nil || j.buf.Len() == 0 {
		return j.Err
	}
	if j.Err = j.cut(); j.Err != nil {
		return j.Err
	}
	j.synced = false
	if _, err := j.out.Write(j.buf.Bytes()); err != nil {
		j.Err = fmt.Errorf("the results can't be written any more: %w", err)
	}
	j.buf.Reset()
	return j.Err
}

// cut takes away what a crash left torn, or what is to be written again in its order.
func (j *Journal) cut() error {
	if j.cutAt < 0 {
		return nil
	}
	at := j.cutAt
	j.cutAt = -1
	err := j.file.Truncate(at)
	if err == nil {
		_, err = j.file.Seek(at, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("the results can't be gone on with: %w", err)
	}
	return nil
}

// isGone reports whether the file is not to be found any more where it was opened. Some network file systems
// give a file another identity now and then: it is still the one if it is as long.
func (j *Journal) isGone() bool {
	there, err := os.Stat(j.Results.Path)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	if os.SameFile(there, j.opened) {
		return false
	}
	written, err := j.file.Stat()
	return err == nil && written.Size() != there.Size()
}

// sync brings what was written to the disk, and sees that it will be found there: a file that was removed
// or replaced takes what is written all the same.
func (j *Journal) Sync() error {
	if j.Err != nil || j.file == nil {
		return j.Err
	}
	if j.isGone() {
		j.Err = fmt.Errorf("the results can't be written any more: %s was moved, removed or replaced", j.Results.Path)
		return j.Err
	}
	if j.synced {
		return nil
	}
	j.synced = true
	// Pipes and devices have nothing to bring.
	if err := j.file.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		j.Err = fmt.Errorf("the results can't be brought to the disk: %w", err)
	}
	return j.Err
}

// discard leaves the results as they were before a run that was refused.
func (j *Journal) Discard() {
	j.buf.Reset()
	if j.file != nil {
		info, err := j.file.Stat()
		j.unwanted = err == nil && info.Size() == 0 && j.created
	}
}

// remove removes the results that this run created, with all their records, when they are closed.
func (j *Journal) Remove() {
	j.buf.Reset()
	j.unwanted = j.file != nil && j.created
}

// close ends the journal and the lock.
func (j *Journal) Close() error {
	err := cmp.Or(j.Flush(), j.Sync())
	if j.file == nil {
		return err
	}
	if closeErr := j.file.Close(); closeErr != nil {
		err = cmp.Or(err, fmt.Errorf("the results can't be closed: %w", closeErr))
	}
	if j.unwanted {
		if removeErr := j.disk.Remove(j.Results.Path); removeErr != nil {
			err = cmp.Or(err, fmt.Errorf("the results can't be removed: %w", removeErr))
		}
	}
	if unlockErr := j.unlock(); unlockErr != nil {
		err = cmp.Or(err, fmt.Errorf("the lock of the results can't be given back: %w", unlockErr))
	}
	return err
}

// lastUse returns when the last request of an earlier run left, or later: when the results were written to, or
// [journal.touch] was called. It is zero if there was no file.
func (j *Journal) LastUse() time.Time {
	if j.file == nil || j.created {
		return time.Time{}
	}
	return j.opened.ModTime()
}

// touch notes in the file's time that requests leave. They count against the quota of the next run, even if this one
// is killed before it has written their records.
func (j *Journal) Touch() {
	if j.file != nil {
		// Best effort: without it, the time is that of the last record.
		_ = os.Chtimes(j.Results.Path, time.Time{}, time.Now())
	}
}

// ExistsError is a results file that already exists, and that the run may neither resume nor overwrite.
type ExistsError struct{ Path string }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("the results file %s already exists", e.Path)
}

// LockedError is another run that writes to the same results. This one did not start.
type LockedError struct{ Path string }

func (e *LockedError) Error() string { return "another run is writing to " + e.Path }
