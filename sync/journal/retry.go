package journal

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"groupsync/sync/groupfile"
)

// A retry has up to four files next to one another, all under the lock of the results:
//
//	NAME.csv            the old results; they stay until the new ones are complete
//	NAME.retry.csv      a record for each row that the retry has sent
//	NAME.merged.csv     the new results: the kept records and those of the retry
//	NAME.previous.csv   the old results, after the retry
//
// Once NAME.retry.csv has been removed, NAME.merged.csv is complete and synced to disk. So whenever a run is killed, the
// next one can tell which steps are left, and no record is lost.

// isRetry reports whether the run starts from existing results with an edited input, or continues such a run.
func (j *Journal) isRetry(info fs.FileInfo) bool {
	r := j.results
	if info == nil || info.Size() == 0 || r.Overwrite {
		return false
	}
	return r.Retry || r.Resume && exists(r.RetryPath())
}

// openRetry opens the file that takes the records of a retry.
func (j *Journal) openRetry(old fs.FileInfo) (err error) {
	r := j.results
	if ok, err := isResultsFile(r.PreviousPath()); err != nil || !ok {
		return cmp.Or(err, fmt.Errorf("the old results cannot be kept as %s: this file exists, and is not a results file: move it away", r.PreviousPath()))
	}
	j.retry, j.path = true, r.RetryPath()
	j.created = !exists(j.path)
	if j.file, err = j.fsys.Open(j.path, os.O_RDWR|os.O_CREATE); err != nil {
		return j.writeError(err)
	}
	j.out = j.file
	if j.created {
		err = j.file.Chmod(old.Mode().Perm())
	}
	if err == nil {
		j.opened, err = j.file.Stat()
	}
	if err != nil {
		return errors.Join(j.writeError(err), j.file.Close())
	}
	j.lastUse = old.ModTime()
	return nil
}

// replayRetry compares the input with the old results, and then reads the records of a retry that was interrupted in
// lockstep with the rows that are to be sent.
func (j *Journal) replayRetry(ctx context.Context, in *groupfile.Input, window int) (History, error) {
	c, err := j.compare(ctx, in)
	if err != nil {
		return History{}, err
	}
	if !j.created {
		var mismatch *MismatchError
		switch err := j.checkRetry(ctx, in, c, window); {
		case errors.As(err, &mismatch): // the input was edited again
			if err := j.foldRetry(in); err != nil {
				return History{}, err
			}
			return j.replayRetry(ctx, in, window)
		case err != nil:
			return History{}, err
		}
	}
	h, complete, err := j.replay(&unkeptRows{in.Reader(), &c.script}, window)
	if err != nil {
		return h, err
	}
	h.kept, h.Resumed, h.Retry = &c.script, true, true
	h.Conflicts = h.Conflicts || c.conflicts
	for status, n := range c.counts {
		h.Counts[status] += n
		h.Recorded += n
	}
	h.AllSettled = complete || c.sends == 0
	if h.AllSettled && !h.Begun && c.drops == 0 && !c.isMoved && !c.isTorn {
		h.CompleteSince = j.lastUse
		j.Discard()
	}
	return h, nil
}

// checkRetry reads the records of an interrupted retry to find out whether they still belong to the input. If they
// do not, the error is a [*MismatchError].
func (j *Journal) checkRetry(ctx context.Context, in *groupfile.Input, c *comparison, window int) error {
	f, err := j.fsys.Open(j.path, os.O_RDONLY)
	if err != nil {
		return fmt.Errorf("reading %s: %w", j.path, err)
	}
	trial := &Journal{fsys: j.fsys, results: j.results, path: j.path, file: f}
	trial.setFormat(j.format)
	err = in.Again(ctx, func(rows *groupfile.Reader) error {
		_, _, err := trial.replay(&unkeptRows{rows, &c.script}, window)
		return err
	})
	return errors.Join(err, f.Close())
}

// unkeptRows reads the rows of an input that do not keep a record.
type unkeptRows struct {
	*groupfile.Reader
	script *script
}

func (u *unkeptRows) Next() (groupfile.Row, error) {
	for {
		row, err := u.Reader.Next()
		if err != nil || !u.script.isKept(row.Line) {
			return row, err
		}
	}
}

// Finish completes a retry whose rows are all settled: it merges the kept records and those of the retry into new
// results, and keeps the old ones as [Results.PreviousPath]. For any other run it does nothing.
func (j *Journal) Finish(ctx context.Context, in *groupfile.Input, h *History) error {
	if !j.retry || j.err != nil {
		return j.err
	}
	if err := cmp.Or(j.Flush(), j.Sync()); err != nil {
		return err
	}
	if j.err = j.writeMerged(func(m *merger) error { return m.merge(ctx, in, h.kept) }); j.err != nil {
		return j.err
	}
	return j.replaceResults()
}

// foldRetry adds the records of an interrupted retry to the old results, where they replace those of their groups: the
// input was edited again, so that their rows can no longer be found by their lines.
func (j *Journal) foldRetry(in *groupfile.Input) error {
	err := j.writeMerged(func(m *merger) error { return m.fold(in) })
	if err == nil {
		err = j.replaceResults()
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(j.results.Path)
	if err != nil {
		return fmt.Errorf("reading the results: %w", err)
	}
	return j.openRetry(info)
}

// completeRetry completes a retry that was killed after its new results were complete.
func (j *Journal) completeRetry() error {
	r := j.results
	if r.Overwrite || !exists(r.MergedPath()) || exists(r.RetryPath()) {
		return nil
	}
	if ok, err := isResultsFile(r.MergedPath()); err != nil || !ok {
		return err // groupsync did not write it
	}
	if exists(r.Path) && !r.Resume && !r.Retry {
		return nil
	}
	return j.replaceResults()
}

// replaceResults puts the new results in the place of the old ones, which it keeps under another name.
func (j *Journal) replaceResults() error {
	r := j.results
	err := j.keepPrevious()
	if err == nil {
		err = j.rename(r.MergedPath(), r.Path)
	}
	if _, used := errors.AsType[*InUseError](err); err != nil && !used {
		return fmt.Errorf("the new results cannot take the place of the old ones: %w", err)
	}
	return err
}

// rename renames a file. Its error is an [*InUseError] if another program holds the file at the new path open.
func (j *Journal) rename(from, to string) error {
	err := j.fsys.Rename(from, to)
	if errors.Is(err, ErrInUse) {
		return &InUseError{to, err}
	}
	return err
}

// keepPrevious gives the old results their other name. For a moment they have both names, so that results exist at every
// moment. On a file system without hard links, they have only the other name.
func (j *Journal) keepPrevious() error {
	r := j.results
	old, err := os.Stat(r.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the run before was killed after this step
	}
	if err != nil {
		return err
	}
	if previous, err := os.Stat(r.PreviousPath()); err == nil && os.SameFile(old, previous) {
		return nil // this was already done
	}
	linked := r.PreviousPath() + ".tmp"
	err = j.fsys.Remove(linked)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = j.fsys.Link(r.Path, linked)
	}
	if err != nil {
		return j.fsys.Rename(r.Path, r.PreviousPath())
	}
	return j.rename(linked, r.PreviousPath())
}

// removeLeftovers removes the files that a retry has left beside results that are now replaced.
func (j *Journal) removeLeftovers() error {
	for _, path := range []string{j.results.RetryPath(), j.results.MergedPath()} {
		if !exists(path) {
			continue
		}
		ok, err := isResultsFile(path)
		if err == nil && !ok {
			err = errors.New("this file exists, and is not a results file: move it away")
		}
		if err == nil {
			err = j.fsys.Remove(path)
		}
		if err != nil {
			return fmt.Errorf("a retry of the results cannot be written to %s: %w", path, err)
		}
	}
	return nil
}

func (j *Journal) writeError(err error) error {
	return cmp.Or(j.inUse(err), fmt.Errorf("the results cannot be written: %w", err))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// isResultsFile reports whether the file at a path is empty or holds results, or does not exist.
func isResultsFile(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	const maxHeader = 1 << 10
	head := make([]byte, maxHeader)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return false, err
	}
	line, _, complete := bytes.Cut(head[:n], []byte("\n"))
	if complete {
		return IsResultsHeader(line), nil
	}
	return isHeaderStart(line), nil
}
