package sync

import (
	"errors"
	"fmt"
	"strings"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
)

// StoppedError reports a run that ended early, and would end in the same way again: the store refused the token, the
// plan, the store id or the address, or too many rows failed.
type StoppedError struct{ Err error }

func (e *StoppedError) Error() string {
	if _, ok := errors.AsType[*ScopeError](e.Err); ok {
		return e.Err.Error()
	}
	if _, ok := errors.AsType[*ecwid.Error](e.Err); ok {
		return fmt.Sprintf("the store refuses all requests: %v", e.Err)
	}
	if errors.Is(e.Err, ecwid.ErrUnreachable) {
		return fmt.Sprintf("the store cannot be reached: %v", e.Err)
	}
	return e.Err.Error()
}

func (e *StoppedError) Unwrap() error { return e.Err }

// InterruptedError reports a run that ended early and can be continued from its results. The cause is a signal, a limit
// on time or rows, a store that is not responding, or an input or a results file that cannot be read or written.
type InterruptedError struct{ Err error }

func (e *InterruptedError) Error() string { return e.Err.Error() }
func (e *InterruptedError) Unwrap() error { return e.Err }

// BaseMissingError reports a run that was refused because it has no base, but continues results with conflicts: without
// the base, it would overwrite what others have changed.
type BaseMissingError struct{ Results string }

func (e *BaseMissingError) Error() string {
	return fmt.Sprintf("the results %s have conflicts, and without a base this run would overwrite what others have changed", e.Results)
}

// LimitError reports a run that has settled as many rows as [Job.Limit] allows, while the input has more.
type LimitError struct{ Rows int }

func (e *LimitError) Error() string {
	return "the run reached its limit of " + plural(e.Rows, "row")
}

// FailuresError reports a run with as many failed rows as [Job.MaxFailures] allows.
type FailuresError struct{ Rows int }

func (e *FailuresError) Error() string {
	return fmt.Sprintf("the run reached its limit of %s", plural(e.Rows, "failed row"))
}

// PanicError reports a panic on one of the run's goroutines: a bug.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// ScopeError reports a request that was refused because the token lacks a scope.
type ScopeError struct {
	Scope string // as in "read_customers"
	Err   error
}

func (e *ScopeError) Error() string {
	return fmt.Sprintf("the store's groups cannot be listed: %v", e.Err)
}
func (e *ScopeError) Unwrap() error { return e.Err }

// PlanError reports a run that was refused because of what it would do to the store.
type PlanError struct{ Reason string }

func (e *PlanError) Error() string { return e.Reason }

// RestoreError reports a backup that cannot restore all of its groups, because some hold values that are never sent. This
// matters only if the run changes them.
type RestoreError struct {
	Backup string
	Groups []groupfile.RestoreFault
}

func (e *RestoreError) Error() string {
	const most = 5
	var named []string
	for _, f := range e.Groups[:min(len(e.Groups), most)] {
		named = append(named, fmt.Sprintf("group %d: %s: %s", f.Group, f.Column, f.Reason))
	}
	if more := len(e.Groups) - most; more > 0 {
		named = append(named, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("the backup %s cannot restore these groups once they are changed: %s", e.Backup, strings.Join(named, "; "))
}

// plural returns a number and a noun in the singular or the plural.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
