package main

import (
	"errors"
	"fmt"

	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
)

// The exit codes are a contract: cron, the podFailurePolicy of a Job and scripts depend on them.
const (
	exitGood        = 0
	exitNotGood     = 1  // finished, but some rows are not good
	exitNotStarted  = 2  // settings, credentials, input or an existing results file
	exitStopped     = 3  // the store refused the run or was never reached, or too many rows failed
	exitInterrupted = 4  // can be continued with --resume
	exitChanges     = 10 // plan: there are changes to send
	exitBug         = 70 // a panic
)

// exitCodeOf returns the code for a command that ended with err. It is the only place that turns an error into a code;
// the function runError of sync decides whether a run was stopped or interrupted.
func exitCodeOf(err error) int {
	if err == nil {
		return exitGood
	}
	var (
		code        exitCode
		stopped     *sync.StoppedError
		interrupted *sync.InterruptedError
		changed     *groupfile.InputChangedError
		locked      *journal.LockedError
		panicked    *sync.PanicError
	)
	switch {
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &stopped):
		return exitStopped
	case errors.As(err, &interrupted), errors.As(err, &changed):
		return exitInterrupted
	case errors.As(err, &locked), journal.IsInUse(err): // the other program will end
		return exitInterrupted
	case errors.As(err, &panicked):
		return exitBug
	}
	return exitNotStarted
}

// exitCodeOfRun returns the code for a run that ended with this summary and err.
func exitCodeOfRun(s sync.Summary, err error) int {
	if err == nil && !s.Good() {
		return exitNotGood
	}
	return exitCodeOf(err)
}

// exitCode is the error of a command that has already printed why it ended.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }
