package journal

import (
	"fmt"
	"io/fs"
	"testing"

	"golang.org/x/sys/windows"
)

func TestIsInUse(t *testing.T) {
	for _, errno := range []error{windows.ERROR_SHARING_VIOLATION, windows.ERROR_LOCK_VIOLATION} {
		err := fmt.Errorf("the input cannot be read: %w", &fs.PathError{Op: "open", Path: "r.csv", Err: errno})
		if !IsInUse(err) {
			t.Errorf("%v: got false", err)
		}
	}
	if IsInUse(fs.ErrNotExist) {
		t.Errorf("%v: got true", fs.ErrNotExist)
	}
}
