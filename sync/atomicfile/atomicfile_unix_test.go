//go:build unix

package atomicfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// The umask determines the permissions of a new file, whichever function creates it.
func TestNewFileRespectsUmask(t *testing.T) {
	for _, c := range []struct {
		umask int
		want  fs.FileMode
	}{{0o022, 0o644}, {0o077, 0o600}, {0o027, 0o640}} {
		for name, write := range map[string]func(path string) error{
			"replace": func(path string) error { return ReplaceFile(path, writes("x")) },
			"create":  func(path string) error { return CreateFile(path, writes("x")) },
		} {
			path := filepath.Join(t.TempDir(), "groups.csv")
			before := syscall.Umask(c.umask)
			err := write(path)
			syscall.Umask(before)
			if err != nil {
				t.Fatal(err)
			}
			if got := modeOf(t, path); got != c.want {
				t.Errorf("%s under umask %03o: the mode is %03o, want %03o", name, c.umask, got, c.want)
			}
		}
	}
}

// A file that is replaced keeps its permissions, even those that the umask would not allow.
func TestReplaceFileKeepsMode(t *testing.T) {
	for _, want := range []fs.FileMode{0o600, 0o640, 0o664} {
		path := filepath.Join(t.TempDir(), "summary.json")
		if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, want); err != nil {
			t.Fatal(err)
		}
		if err := ReplaceFile(path, writes("new")); err != nil {
			t.Fatal(err)
		}
		if got := modeOf(t, path); got != want {
			t.Errorf("the mode is %03o, want %03o", got, want)
		}
	}
}

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}
