package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"groupsync/sync/groupfile"
)

// Results says where the outcomes of a run go, and what to do with those of an earlier run.
type Results struct {
	// Path is the results file. If Stdout is set, the records are written to that instead.
	Path   string
	Stdout io.Writer
	// Resume continues an existing file, Retry starts from it with an edited input, Overwrite replaces it. With none
	// of them, an existing file is an error. Without a file, all of them start one.
	Resume, Retry, Overwrite bool
	// LockWait is how long to wait for another run that writes to the same results.
	LockWait time.Duration
	// StoreID is written to each record. Results of another store are refused.
	StoreID string
}

// Name returns what messages call the results.
func (r Results) Name() string {
	if r.Stdout != nil {
		return "standard output"
	}
	return r.Path
}

// LockPath returns the path of the file that a run locks while it writes the results, or "" on standard output.
func (r Results) LockPath() string { return r.beside(".lock") }

// ChecksumPath returns the path of a file in the format of sha256sum, or "" on standard output. It tells a run that
// continues the results which backup was written for them.
func (r Results) ChecksumPath() string { return r.beside(".backup.sha256") }

func (r Results) beside(suffix string) string {
	if r.Stdout != nil {
		return ""
	}
	return r.Path + suffix
}

// PreviousPath returns the path under which a retry keeps the old results.
func (r Results) PreviousPath() string { return r.variant(".previous.csv") }

// RetryPath returns the path of the records of a retry that is not finished.
func (r Results) RetryPath() string { return r.variant(".retry.csv") }

// MergedPath returns the path of the new results of a retry before they take the place of the old ones.
func (r Results) MergedPath() string { return r.variant(".merged.csv") }

func (r Results) variant(suffix string) string {
	if r.Stdout != nil {
		return ""
	}
	return strings.TrimSuffix(r.Path, ".csv") + suffix
}

// IsRetry reports whether the run is a retry, which reads its input several times: one that is asked for, or one that
// was interrupted and is to be resumed.
func (r Results) IsRetry() bool {
	return r.Retry || r.Resume && r.Stdout == nil && exists(r.RetryPath())
}

// FormatFor returns the format for the results of an input. The program that wrote the input can open it.
func FormatFor(input groupfile.Format) groupfile.Format {
	return groupfile.Format{Encoding: "utf-8", BOM: input.BOM || input.Encoding != "utf-8", Delimiter: input.Delimiter}
}

// Check returns an error if the results cannot be written: an [*ExistsError] if the file exists and is to be neither
// continued nor replaced. Check changes nothing.
func (r Results) Check() error {
	if r.Stdout != nil {
		return nil
	}
	info, err := os.Stat(r.Path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("the results cannot be written to %s: it is a folder", r.Path)
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("the results cannot be written to %s: it is not a regular file, so no run could continue it; use - for standard output", r.Path)
	case err == nil && !r.Resume && !r.Retry && !r.Overwrite:
		return &ExistsError{r.Path}
	}
	if info, err := os.Stat(filepath.Dir(r.Path)); err != nil || !info.IsDir() {
		return fmt.Errorf("the results cannot be written to %s: the folder does not exist", r.Path)
	}
	return nil
}

// IsResultsHeader reports whether line is the first line of a results file.
func IsResultsHeader(line []byte) bool {
	_, ok := formatOf(line)
	return ok
}

// LockResults locks the results at path, so that no run can write to them until unlock is called, which removes the
// lock file. If a run is writing to them, ok is false.
func LockResults(path string) (unlock func() error, ok bool, err error) {
	unlock, err = OS{}.Lock(Results{Path: path}.LockPath())
	if errors.Is(err, errLocked) {
		return nil, false, nil
	}
	return unlock, err == nil, err
}
