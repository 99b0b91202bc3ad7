package journal

import (
	"fmt"

	"groupsync/sync/quote"
)

// ExistsError reports that the results file already exists, and that the run is to neither continue nor replace it.
type ExistsError struct{ Path string }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("the results file %s already exists", e.Path)
}

// LockedError reports that another run is writing to the same results, so that this run did not start.
type LockedError struct{ Path string }

func (e *LockedError) Error() string { return "another run is writing to " + e.Path }

// MismatchError reports results that do not belong to the input: the input was edited since, or it is a different file.
type MismatchError struct {
	// Path is the results file, Line the line of the record that does not match.
	Path   string
	Line   int
	Reason string
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s, line %d: %s", e.Path, e.Line, e.Reason)
}

// StoreMismatchError reports a record of another store.
type StoreMismatchError struct{ Recorded, Store string }

func (e *StoreMismatchError) Error() string {
	return fmt.Sprintf("these are the results of store %s, and this run is for store %s", quote.Text(e.Recorded), quote.Text(e.Store))
}

// InUseError reports a file that another program, such as Excel, holds open, so that it cannot be written or renamed.
type InUseError struct {
	Path string
	Err  error
}

func (e *InUseError) Error() string { return e.Path + " is open in another program" }
func (e *InUseError) Unwrap() error { return e.Err }

// BackupExistsError reports that a file already exists at the path of the backup.
type BackupExistsError struct{ Path string }

func (e *BackupExistsError) Error() string {
	return fmt.Sprintf("the backup %s already exists, and a backup is never replaced: move it away, or choose another name", e.Path)
}
