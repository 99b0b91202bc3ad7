package sync

import (
	"crypto/tls"
	"errors"
	"fmt"

	"groupsync/ecwid"
)

// EndedError is a run that ended early, and would again if nothing is changed: the store refused the token,
// the plan, the store id or the address, or too many rows failed.
type StoppedError struct{ Err error }

func (e *StoppedError) Error() string {
	if response, ok := errors.AsType[*ecwid.Error](e.Err); ok {
		if _, ok := errors.AsType[*scopeError](e.Err); ok {
			return e.Err.Error() // it names the scope itself
		}
		text := fmt.Sprintf("the store refuses all requests: %v", e.Err)
		if hint := response.Hint(); hint != "" {
			text += ": " + hint
		}
		return text
	}
	if errors.Is(e.Err, ecwid.ErrUnreachable) {
		return fmt.Sprintf("the store cannot be reached: %v: is the address of the API right?", e.Err)
	}
	if isCertificate(e.Err) {
		return fmt.Sprintf("%v: a private certificate authority is made known by SSL_CERT_FILE", e.Err)
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

func isCertificate(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}
