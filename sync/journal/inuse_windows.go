package journal

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows"
)

// inUse marks the errors by which Windows reports a file that another program holds open.
func inUse(err error) error {
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return fmt.Errorf("%w: %w", ErrInUse, err)
	}
	return err
}
