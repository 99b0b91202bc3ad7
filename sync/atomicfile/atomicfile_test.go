package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writes(s string) func(io.Writer) error {
	return func(out io.Writer) error {
		_, err := io.WriteString(out, s)
		return err
	}
}

func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "summary.json")
	for _, want := range []string{"first", "second"} {
		if err := ReplaceFile(path, writes(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); string(got) != want {
			t.Errorf("the file holds %q, %v", got, err)
		}
	}
	// A folder cannot be replaced; nothing is left behind.
	if err := ReplaceFile(dir, writes("")); err == nil {
		t.Error("a folder was replaced")
	}
	for _, folder := range []string{dir, filepath.Dir(dir)} {
		if left, _ := filepath.Glob(filepath.Join(folder, "*.tmp")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// If writing fails, there is no file, and nothing is left behind.
func TestReplaceFileWriteError(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "groups.csv")
	boom := errors.New("boom")
	err := ReplaceFile(path, func(out io.Writer) error {
		io.WriteString(out, strings.Repeat("x", 1<<20))
		return boom
	})
	if left, _ := os.ReadDir(dir); !errors.Is(err, boom) || len(left) > 0 {
		t.Errorf("the error is %v, and %v is left", err, left)
	}
}

// A symbolic link is kept, and its target is replaced.
func TestReplaceFileThroughLink(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "groups.csv"), filepath.Join(dir, "link.csv")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Logf("symbolic links are not supported: %v", err)
		return
	}
	if err := ReplaceFile(link, writes("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if got, err := os.ReadFile(path); string(got) != "new" {
		t.Errorf("the file holds %q, %v", got, err)
	}
}
