package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"groupsync/sync/groupfile"
)

// Open locks the results and opens them, without changing anything in them yet. New results are written in the given
// format; existing ones keep theirs. warn is called with problems that do not prevent the run.
func Open(ctx context.Context, fsys FS, r Results, f groupfile.Format, warn func(error)) (*Journal, error) {
	j := &Journal{fsys: fsys, results: r, path: r.Path, out: r.Stdout, synced: true, cutAt: -1}
	j.setFormat(f)
	if r.Stdout != nil {
		return j, nil
	}
	unlock, err := r.lock(ctx, fsys, warn)
	if err != nil {
		return nil, err
	}
	j.unlock = unlock
	if err := j.open(); err != nil {
		return nil, errors.Join(err, unlock())
	}
	return j, nil
}

// open opens the file that records are appended to.
func (j *Journal) open() (err error) {
	r := j.results
	if err := j.completeRetry(); err != nil {
		return err
	}
	info, err := os.Stat(r.Path)
	if err == nil && !info.Mode().IsRegular() {
		return r.Check()
	}
	if err == nil && j.isRetry(info) {
		return j.openRetry(info)
	}
	j.created = err != nil
	flag := os.O_RDWR | os.O_CREATE
	switch {
	case r.Overwrite:
		j.cutAt = 0 // with the first record: until then the run may be refused
	case !r.Resume && !r.Retry:
		flag |= os.O_EXCL
	}
	if j.file, err = j.fsys.Open(j.path, flag); err != nil {
		return cmp.Or(j.inUse(err), r.Check(), fmt.Errorf("the results cannot be written: %w", err))
	}
	if j.created { // the checksum of results that were removed may be left
		if err := r.RemoveChecksum(); err != nil {
			return errors.Join(err, j.file.Close(), j.fsys.Remove(j.path))
		}
	}
	j.out = j.file
	if j.opened, err = j.file.Stat(); err != nil {
		return errors.Join(fmt.Errorf("the results cannot be written: %w", err), j.file.Close())
	}
	return nil
}

// inUse returns an [*InUseError] if err is about a file that another program holds open, else nil.
func (j *Journal) inUse(err error) error {
	if errors.Is(err, ErrInUse) {
		return &InUseError{j.path, err}
	}
	return nil
}
