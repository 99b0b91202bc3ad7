package main

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"golang.org/x/sys/windows"
)

// Results that Excel has open: the run can continue once they are closed.
func TestHeldOpen(t *testing.T) {
	err := fmt.Errorf("the results cannot be written: %w", &fs.PathError{Op: "open", Path: "r.csv", Err: windows.ERROR_SHARING_VIOLATION})
	if code := exitCodeOf(err); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	if text := explain(err); !strings.HasSuffix(text, "close the file in Excel or in the other program that has it open") {
		t.Errorf("the text is %q", text)
	}
}
