package main

import (
	"errors"

	"golang.org/x/sys/windows"
)

// isHeldOpen reports whether err is that of a file that another program has open and does not share, as Excel does with
// a file that it shows.
func isHeldOpen(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}
