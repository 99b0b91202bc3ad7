package journal

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"groupsync/sync/groupfile"

	"github.com/gocarina/gocsv"
)

// flushAt is how many bytes of records are buffered before they are written.
const flushAt = 64 << 10

// Journal is the open results file of a run. One goroutine at a time may use it.
type Journal struct {
	fsys    FS
	results Results
	path    string // of the file that records are appended to
	out     io.Writer
	file    File // nil on standard output
	format  groupfile.Format
	unlock  func() error

	buf    bytes.Buffer // complete records, not written yet, so that a write ends where a record ends
	csv    *gocsv.SafeCSVWriter
	synced bool // everything written is on disk

	retry   bool      // records are merged with the old results
	lastUse time.Time // when the old results were written

	begun    bool        // the first write has begun
	opened   fs.FileInfo // of the file when it was opened
	created  bool        // the file did not exist before
	unwanted bool        // the file is to be removed

	err error // the first write error: nothing is written after an incomplete record

	// cutAt is the length to which the file is truncated before the first write; -1: it is not.
	cutAt int64
}

// StoreID returns the store that the results belong to.
func (j *Journal) StoreID() string { return j.results.StoreID }

// setFormat sets the format of the records that are written.
func (j *Journal) setFormat(f groupfile.Format) {
	j.format = f
	out := csv.NewWriter(&j.buf)
	out.Comma = rune(f.Delimiter)
	j.csv = gocsv.NewSafeCSVWriter(out)
}

// writeHeader writes the names of the columns.
func (j *Journal) writeHeader() error {
	if j.format.BOM {
		j.buf.WriteString(byteOrderMark)
	}
	return j.put(func() error { return gocsv.MarshalCSV([]Record{}, j.csv) })
}

// Append adds a record. It reaches the file with the next Flush, or when enough are buffered.
func (j *Journal) Append(r Record) error {
	// gocsv reads the fields of an array without copying each one, as it does for a slice.
	return j.put(func() error { return gocsv.MarshalCSVWithoutHeaders([1]Record{r}, j.csv) })
}

// put calls marshal, which writes to the buffer, and flushes the buffer when it is full.
func (j *Journal) put(marshal func() error) error {
	if err := marshal(); err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	if j.buf.Len() < flushAt {
		return nil
	}
	return j.Flush()
}

// Flush writes the buffered records.
func (j *Journal) Flush() error {
	if j.err != nil || j.buf.Len() == 0 {
		return j.err
	}
	if j.err = cmp.Or(j.begin(), j.cut()); j.err != nil {
		return j.err
	}
	j.synced = false
	if _, err := j.out.Write(j.buf.Bytes()); err != nil {
		j.err = cmp.Or(j.inUse(err), fmt.Errorf("the results can no longer be written: %w", err))
	}
	j.buf.Reset()
	return j.err
}

// begin prepares for the first write.
func (j *Journal) begin() error {
	if j.begun {
		return nil
	}
	j.begun = true
	if j.retry || !j.results.Overwrite && !j.created {
		return nil
	}
	return j.removeLeftovers()
}

// cut removes an incomplete last record, or the records that are to be written again in order.
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
		return cmp.Or(j.inUse(err), fmt.Errorf("the results cannot be continued: %w", err))
	}
	return nil
}

// isGone reports whether the path no longer leads to the open file. Some network file systems occasionally change the
// identity of a file, so a file of the same length is considered the same.
func (j *Journal) isGone() bool {
	atPath, err := os.Stat(j.path)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	if os.SameFile(atPath, j.opened) {
		return false
	}
	written, err := j.file.Stat()
	return err == nil && written.Size() != atPath.Size()
}

// Sync syncs to disk what was written, and checks that the path still leads to it: a file that was removed or
// replaced still accepts writes.
func (j *Journal) Sync() error {
	if j.err != nil || j.file == nil {
		return j.err
	}
	if j.isGone() {
		j.err = fmt.Errorf("the results can no longer be written: %s was moved, removed or replaced", j.path)
		return j.err
	}
	if j.synced {
		return nil
	}
	j.synced = true
	// Pipes and devices cannot be synced.
	if err := j.file.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		j.err = fmt.Errorf("the results cannot be synced to disk: %w", err)
	}
	return j.err
}

// Discard drops what is buffered, for a run that was refused: Close then leaves the results as they were before it.
func (j *Journal) Discard() {
	j.buf.Reset()
	if j.file != nil {
		info, err := j.file.Stat()
		// An earlier retry that was killed may have left an empty file. Merged results beside it are incomplete as long
		// as it exists.
		mayRemove := j.created || j.retry && !exists(j.results.MergedPath())
		j.unwanted = err == nil && info.Size() == 0 && mayRemove
	}
}

// Remove removes the results, with all their records, when they are closed, if this run created them.
func (j *Journal) Remove() {
	j.buf.Reset()
	j.unwanted = j.file != nil && j.created
}

// Close writes and syncs what is left, closes the results and releases their lock.
func (j *Journal) Close() error {
	err := cmp.Or(j.Flush(), j.Sync())
	if j.file == nil {
		return cmp.Or(err, j.release())
	}
	if closeErr := j.file.Close(); closeErr != nil {
		err = cmp.Or(err, fmt.Errorf("the results cannot be closed: %w", closeErr))
	}
	if j.unwanted {
		if removeErr := j.fsys.Remove(j.path); removeErr != nil {
			err = cmp.Or(err, fmt.Errorf("the results cannot be removed: %w", removeErr))
		}
	}
	return cmp.Or(err, j.release())
}

// release releases the lock, if there is one.
func (j *Journal) release() error {
	if j.unlock == nil {
		return nil
	}
	if err := j.unlock(); err != nil {
		return fmt.Errorf("the lock of the results cannot be released: %w", err)
	}
	return nil
}

// LastUse returns when an earlier run last wrote to the results or called [Journal.Touch]. Its last request may have
// been sent later. LastUse is zero if the file did not exist.
func (j *Journal) LastUse() time.Time {
	if j.file == nil || j.created || j.opened.ModTime().Before(j.lastUse) {
		return j.lastUse
	}
	return j.opened.ModTime()
}

// Touch sets the file's time, to record that requests are being sent. They count against the quota of the next run,
// even if this one is killed before it has written their records.
func (j *Journal) Touch() {
	if j.file != nil {
		// Best effort: without it, the time is that of the last record.
		_ = os.Chtimes(j.path, time.Time{}, time.Now())
	}
}
