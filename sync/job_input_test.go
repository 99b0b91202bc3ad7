package sync

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/groupfile"
	"groupsync/sync/plan"
	"groupsync/sync/quota"

	"github.com/xuri/excelize/v2"
)

// inputFile writes an input of n rows with a version in their names, and sets its time to one in the past.
func inputFile(t *testing.T, path string, n int, version string) {
	t.Helper()
	if filepath.Ext(path) == ".xlsx" {
		xlsxFile(t, path, n, version)
	} else {
		var b strings.Builder
		b.WriteString("groupId,name\n")
		for i := range n {
			fmt.Fprintf(&b, "%d,%s %d%s\n", i+1, version, i+1, strings.Repeat(" long", 50))
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
}

// xlsxFile writes a workbook whose values cannot be compressed, so that the file is large.
func xlsxFile(t *testing.T, path string, n int, version string) {
	t.Helper()
	f := excelize.NewFile()
	out, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 1))
	err = out.SetRow("A1", []any{"groupId", "name"})
	for i := range n {
		name := fmt.Sprintf("%s %d", version, i+1)
		for range 15 {
			name += fmt.Sprintf(" %x", random.Uint64())
		}
		err = errors.Join(err, out.SetRow(fmt.Sprintf("A%d", i+2), []any{i + 1, name}))
	}
	if err := errors.Join(err, out.Flush(), f.SaveAs(path), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// fileInput returns the file as an input that can be read twice.
func fileInput(t *testing.T, path string) *groupfile.Input {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	in, err := groupfile.NewInput(t.Context(), f, groupfile.ReaderOptions{Name: filepath.Base(path), File: f})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(in.Close(), f.Close()); err != nil {
			t.Error(err)
		}
	})
	return in
}

// inputChange is a change that another program makes to the input, and part of the message about it.
type inputChange struct {
	name   string
	change func(t *testing.T, path string) error
	want   string
}

var inputChanges = []inputChange{
	{
		// like > in a shell
		"truncated and written again",
		func(t *testing.T, path string) error {
			inputFile(t, path, 4_000, "new")
			return nil
		},
		"its size was ",
	},
	{
		"cut",
		func(_ *testing.T, path string) error { return os.Truncate(path, 13) },
		" and is now 13",
	},
	{
		"overwritten at the same size",
		func(_ *testing.T, path string) error {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString(strings.ReplaceAll(string(data), "old", "new"))
			return errors.Join(err, f.Close())
		},
		"it was written to at ",
	},
	{
		"replaced by a file of the same size and time",
		func(t *testing.T, path string) error {
			other := filepath.Join(filepath.Dir(path), "other"+filepath.Ext(path))
			inputFile(t, other, 3_000, "new")
			return os.Rename(other, path)
		},
		"it was replaced by another file",
	},
	{
		"removed",
		func(_ *testing.T, path string) error { return os.Remove(path) },
		"it was removed or renamed",
	},
}

// A run whose input changes ends before it sends a row that it read after the change.
func TestInputChangesDuringTheRun(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string][]inputChange{"groups.csv": inputChanges, "groups.xlsx": inputChanges[:2]} {
		for _, c := range changes {
			t.Run(name+" "+c.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					path := filepath.Join(t.TempDir(), name)
					inputFile(t, path, 3_000, "old")
					tr := newTrial(t, rows(1), ecwidtest.Options{AnyGroup: true, Fault: func(r ecwidtest.Request) ecwidtest.Fault {
						if r.N == 50 {
							if err := c.change(t, path); err != nil {
								t.Error(err)
							}
						}
						return ecwidtest.Fault{}
					}})
					in := fileInput(t, path)
					summary, err := tr.run(func(j *Job) { j.Input, j.Rate = in, quota.Rate{Requests: 1_000_000, Window: time.Second} })
					wantChanged(t, err, name, c.want)
					for i, put := range tr.puts() {
						if !strings.Contains(put, `{"name":"old `) {
							t.Fatalf("PUT %d is not from the old input: %s", i+1, put)
						}
					}
					if n := summary.Total(); n < 50 || n >= 3_000 {
						t.Errorf("%d rows are settled", n)
					}
				})
			})
		}
	}
}

// If the input changes while the store is listed, nothing is sent.
func TestInputChangesWhileTheStoreIsListed(t *testing.T) {
	for _, c := range inputChanges {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "groups.csv")
				inputFile(t, path, 3, "old")
				tr := newTrial(t, rows(1), ecwidtest.Options{Groups: storeOf(3), Fault: func(r ecwidtest.Request) ecwidtest.Fault {
					if r.Method == "GET" {
						if err := c.change(t, path); err != nil {
							t.Error(err)
						}
					}
					return ecwidtest.Fault{}
				}})
				all, err := plan.ParseLimit("100%")
				if err != nil {
					t.Fatal(err)
				}
				in := fileInput(t, path)
				_, err = tr.run(func(j *Job) { j.Input, j.MaxChanges = in, all })
				wantChanged(t, err, "groups.csv", c.want)
				if puts := tr.puts(); len(puts) > 0 {
					t.Errorf("%d PUTs were sent", len(puts))
				}
				if _, err := os.Stat(tr.path); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("a run that sent nothing left results: %v", err)
				}
			})
		})
	}
}

func wantChanged(t *testing.T, err error, name, change string) {
	t.Helper()
	_, interrupted := errors.AsType[*InterruptedError](err)
	changed, ok := errors.AsType[*groupfile.InputChangedError](err)
	if !interrupted || !ok {
		t.Fatalf("got %v", err)
	}
	if changed.Input != name || !strings.Contains(changed.Change, change) {
		t.Errorf("got %v, want it to contain %q", err, change)
	}
}

// Every pass over the input reads the file that was opened, from its beginning, and several passes may overlap.
func TestInputAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "groups.csv")
	inputFile(t, path, 10, "old")
	in := fileInput(t, path)
	count := func(r *groupfile.Reader) (rows int) {
		for _, err := range r.All() {
			if err != nil {
				t.Fatal(err)
			}
			rows++
		}
		return rows
	}
	err := in.Again(t.Context(), func(outer *groupfile.Reader) error {
		if _, err := outer.Next(); err != nil {
			return err
		}
		return in.Again(t.Context(), func(inner *groupfile.Reader) error {
			if n, m, first := count(inner), count(outer), count(in.Reader()); n != 10 || m != 9 || first != 10 {
				t.Errorf("the inner pass has %d rows, the outer %d and the first %d", n, m, first)
			}
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
}

func TestInputThatCanBeReadOnlyOnce(t *testing.T) {
	in, err := groupfile.NewInput(t.Context(), struct{ io.Reader }{strings.NewReader(rows(3))}, groupfile.ReaderOptions{Name: "standard input"})
	if err != nil {
		t.Fatal(err)
	}
	err = in.Again(t.Context(), func(*groupfile.Reader) error { return nil })
	if err == nil || err.Error() != "standard input can be read only once" || in.Repeatable() {
		t.Errorf("got %v, %v", err, in.Repeatable())
	}
}
