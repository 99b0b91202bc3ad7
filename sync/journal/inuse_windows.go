package journal

import (
	"errors"

	"golang.org/x/sys/windows"
)

// isHeldOpen reports whether Windows refused an operation because another program holds the file open.
func isHeldOpen(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}
