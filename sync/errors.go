package sync

import (
	"crypto/tls"
	"errors"
	"fmt"

	"groupsync/ecwid"
)

// StoppedError is a run that ended early, and would end in the same way again: the store refused the token, the
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

// InterruptedError is a run that ended early and can go on from its results: a signal, a time or a number
// of rows that was reached, a store that does not answer, an input or results that broke off.
type InterruptedError struct{ Err error }

func (e *InterruptedError) Error() string { return e.Err.Error() }
func (e *InterruptedError) Unwrap() error { return e.Err }

// LimitError is a run that has settled as many rows as it was to settle, while the input has more.
type LimitError struct{ Rows int }

func (e *LimitError) Error() string {
	return fmt.Sprintf("the run was to end after this number of rows: %d", e.Rows)
}

// PanicError is a panic on one of the run's goroutines: a bug.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// ScopeError is a response that refuses a request for which the token needs a scope.
type ScopeError struct {
	Scope string // as in "read_customers"
	Err   error
}

func (e *ScopeError) Error() string {
	return fmt.Sprintf("the store's groups cannot be listed: %v", e.Err)
}
func (e *ScopeError) Unwrap() error { return e.Err }

func isCertificate(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}
