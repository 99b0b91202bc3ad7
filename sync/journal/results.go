package journal

import "errors"

// IsResultsHeader reports whether line is the first line of a results file.
func IsResultsHeader(line []byte) bool { return (&Journal{}).recognise(line) }

// LockResults keeps runs from writing to the results at path until unlock is called, which removes the lock.
// While a run is writing to them, ok is false.
func LockResults(path string) (unlock func() error, ok bool, err error) {
	unlock, err = OS{}.Lock(path + ".lock")
	if errors.Is(err, errLocked) {
		return nil, false, nil
	}
	return unlock, err == nil, err
}
