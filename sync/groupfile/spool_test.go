package groupfile

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// pipe returns an input that can be read only once.
func pipe(data string) io.Reader { return io.MultiReader(strings.NewReader(data)) }

func TestInputSpooled(t *testing.T) {
	dir := t.TempDir()
	csv := "groupId,name\n" + strings.Repeat("9367001,VIP\n", 100_000)
	for name, data := range map[string]string{"CSV": csv, "xlsx": string(zipParts(t, workbookParts(headerRow+`<row><c><v>1</v></c><c t="str"><v>a</v></c></row>`)))} {
		t.Run(name, func(t *testing.T) {
			in, err := NewInput(t.Context(), pipe(data), ReaderOptions{Name: "standard input", CheckEncoding: true, Spool: SpoolOptions{Always: name == "CSV", Folders: []string{dir}}})
			if err != nil {
				t.Fatal(err)
			}
			if !in.Repeatable() {
				t.Fatal("the input can be read only once")
			}
			first := summaries(t, in.Reader())
			if len(first) == 0 {
				t.Error("the input has no rows")
			}
			for range 2 {
				err := in.Again(t.Context(), func(r *Reader) error {
					if again := summaries(t, r); strings.Join(again, "\n") != strings.Join(first, "\n") {
						t.Errorf("Again gives other rows: %d, want %d", len(again), len(first))
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
				t.Errorf("the copy has a name: %v, %v", files, err)
			}
			if err := in.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// An input with bytes that cannot be decoded is refused before its first row, like a file.
func TestInputSpooledCheckEncoding(t *testing.T) {
	_, err := NewInput(t.Context(), pipe("groupId,name\n1,VIP\n2,B\xfcro\n"), ReaderOptions{Name: "standard input", CheckEncoding: true, Spool: SpoolOptions{Always: true}})
	if refused, ok := errors.AsType[*InputError](err); !ok || refused.Line != 3 {
		t.Errorf("got %v, want an *InputError of line 3", err)
	}
}

func TestInputSpoolLimit(t *testing.T) {
	spreadsheet := "PK\x03\x04" + strings.Repeat("\x00", 2000)
	for name, c := range map[string]struct {
		data   string
		always bool
	}{"a CSV file": {"groupId,name\n" + strings.Repeat("1,VIP\n", 400), true}, "a spreadsheet": {spreadsheet, false}} {
		t.Run(name, func(t *testing.T) {
			_, err := NewInput(t.Context(), pipe(c.data), ReaderOptions{Name: "standard input", Spool: SpoolOptions{Always: c.always, Limit: 1000}})
			if limit, ok := errors.AsType[*SpoolLimitError](err); !ok || limit.Limit != 1000 {
				t.Errorf("got %v, want a *SpoolLimitError of 1000 bytes", err)
			}
		})
	}
}

// If no folder accepts a file, a copy of up to 20 MB is kept in memory.
func TestInputSpooledInMemory(t *testing.T) {
	options := SpoolOptions{Always: true, Folders: []string{t.TempDir() + "/missing"}}
	row := strings.Repeat("x", 1000)
	small := "groupId,name\n" + strings.Repeat("1,"+row+"\n", 5_000)
	in, err := NewInput(t.Context(), pipe(small), ReaderOptions{Name: "standard input", Spool: options})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(summaries(t, in.Reader())); n != 5_000 {
		t.Errorf("%d rows, want 5000", n)
	}
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	large := bytes.NewBufferString("groupId,name\n" + strings.Repeat("1,"+row+"\n", 22_000))
	_, err = NewInput(t.Context(), large, ReaderOptions{Name: "standard input", Spool: options})
	if _, ok := errors.AsType[*SpoolError](err); !ok || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want a *SpoolError of a missing folder", err)
	}
}

// A pipe that is read only once is not copied.
func TestInputNotSpooled(t *testing.T) {
	in, err := NewInput(t.Context(), pipe("groupId,name\n1,VIP\n"), ReaderOptions{Name: "standard input"})
	if err != nil {
		t.Fatal(err)
	}
	if in.Repeatable() {
		t.Error("the input was copied")
	}
	if err := in.Close(); err != nil {
		t.Error(err)
	}
}
