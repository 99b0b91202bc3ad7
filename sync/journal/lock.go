package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// lockInterval is the time between two attempts to take the lock.
const lockInterval = time.Second

// lock takes the lock of the results. If the file system has no locks, it warns and continues without one.
func (r Results) lock(ctx context.Context, fsys FS, warn func(error)) (unlock func() error, err error) {
	unlock, err = r.waitForLock(ctx, fsys, warn)
	switch {
	case err == nil, ctx.Err() != nil:
		return unlock, err
	case errors.Is(err, errLocked):
		return nil, &LockedError{r.Path}
	case errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.ENOLCK), errors.Is(err, errors.ErrUnsupported):
		warn(fmt.Errorf("%s: this file system does not support locks: make sure that no second run writes to the same results", r.Path))
		return func() error { return nil }, nil
	case errors.Is(err, errNotLock):
		return nil, fmt.Errorf("the results cannot be written to %s: their lock file would be %s, but that file exists and is not a lock: move it away, or write the results to another file", r.Path, r.LockPath())
	}
	return nil, cmp.Or(r.Check(), fmt.Errorf("the results cannot be written to %s: their lock cannot be taken: %w", r.Path, err))
}

// waitForLock takes the lock of the results. If another process holds it, waitForLock waits for at most LockWait.
func (r Results) waitForLock(ctx context.Context, fsys FS, warn func(error)) (unlock func() error, err error) {
	path := r.LockPath()
	unlock, err = fsys.Lock(path)
	if r.LockWait <= 0 || !errors.Is(err, errLocked) {
		return unlock, err
	}
	warn(fmt.Errorf("another run is writing to %s: waiting up to %v for it to end", r.Path, r.LockWait))
	end := time.NewTimer(r.LockWait)
	defer end.Stop()
	tick := time.NewTicker(lockInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-end.C:
			return fsys.Lock(path)
		case <-tick.C:
		}
		if unlock, err = fsys.Lock(path); !errors.Is(err, errLocked) {
			return unlock, err
		}
	}
}
