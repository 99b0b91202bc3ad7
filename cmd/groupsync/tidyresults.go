package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"groupsync/sync/journal"
)

type tidyResultsCmd struct {
	Dir       string        `arg:"" help:"Folder with the results files. Folders inside it are not searched."`
	OlderThan time.Duration `required:"" placeholder:"TIME" help:"Remove only files whose last change was at least this long ago: 720h for 30 days."`
	DryRun    bool          `help:"Print what would be removed, and remove nothing."`
}

func (c *tidyResultsCmd) Run(p *program) error {
	if c.OlderThan <= 0 {
		return notStarted(p.ctx, fmt.Errorf("--older-than is %v: it must be greater than 0", c.OlderThan), "tidy-results")
	}
	root, err := os.OpenRoot(c.Dir)
	if err != nil {
		return notStarted(p.ctx, fmt.Errorf("the folder cannot be read: %w", err), "tidy-results")
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return notStarted(p.ctx, fmt.Errorf("the folder cannot be read: %w", err), "tidy-results")
	}
	out := bufio.NewWriter(p.stdout)
	t := &tidying{tidyResultsCmd: c, root: root, before: time.Now().Add(-c.OlderThan), out: out}
	failed := false
	for _, entry := range entries {
		if err := t.file(entry.Name()); err != nil {
			failed = true
			fmt.Fprintf(p.stderr, "groupsync: %s\n", printable(err.Error()))
		}
	}
	t.end()
	if err := out.Flush(); err != nil {
		return fmt.Errorf("the list of removed files cannot be printed: %w", err)
	}
	if failed {
		return exitCode(exitNotGood)
	}
	return nil
}

// tidying is one run of tidy-results. It opens files through root, so that no link leads out of the folder.
type tidying struct {
	*tidyResultsCmd
	root    *os.Root
	before  time.Time
	out     io.Writer
	removed int
}

// file removes the file with this name if it is old and was written by groupsync.
func (t *tidying) file(name string) error {
	isOld, err := t.isOld(name)
	if err != nil || !isOld {
		return err
	}
	if results, ok := strings.CutSuffix(name, ".lock"); ok {
		return t.lock(results)
	}
	data, err := t.head(name)
	if err != nil {
		return err
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	switch {
	case journal.IsResultsHeader(line):
		return t.results(name)
	case filepath.Ext(name) == ".json" && isSummary(data):
		return t.remove(name)
	}
	return nil
}

// isOld reports whether there is an old regular file with this name. A link is not a regular file.
func (t *tidying) isOld(name string) (bool, error) {
	info, err := t.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && info.Mode().IsRegular() && info.ModTime().Before(t.before), err
}

// maxSummary is the largest number of bytes that are read from a file. Every summary is far smaller.
const maxSummary = 1 << 20

// head returns the beginning of a file, at most maxSummary bytes.
func (t *tidying) head(name string) ([]byte, error) {
	f, err := t.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSummary))
}

// isSummary reports whether data is the content of a file of --summary.
func isSummary(data []byte) bool {
	var r report
	err := json.Unmarshal(data, &r)
	return err == nil && r.Version != "" && (r.Rows != nil || r.Command == "plan") && !r.Started.IsZero() && r.Input.Name != ""
}

// results removes a results file, unless a run is writing to it.
func (t *tidying) results(name string) error {
	if t.DryRun {
		return t.withChecksum(name)
	}
	return t.locked(name, func() error {
		// A run may have written to it before the lock was taken.
		if isOld, err := t.isOld(name); err != nil || !isOld {
			return err
		}
		return t.withChecksum(name)
	})
}

// withChecksum removes a results file, and the checksum of its backup.
func (t *tidying) withChecksum(name string) error {
	if err := t.remove(name); err != nil {
		return err
	}
	checksum := journal.Results{Path: name}.ChecksumPath()
	if info, err := t.root.Lstat(checksum); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	data, err := t.head(checksum)
	if err != nil || !journal.IsBackupChecksum(data) {
		return err
	}
	return t.remove(checksum)
}

// lock removes the lock file that a killed run left, if its results file no longer exists.
func (t *tidying) lock(results string) error {
	info, err := t.root.Lstat(results + ".lock")
	if err != nil || info.Size() > 0 || !strings.HasSuffix(results, ".results.csv") {
		return err
	}
	if _, err := t.root.Lstat(results); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if t.DryRun {
		return t.remove(results + ".lock")
	}
	return t.locked(results, func() error { return t.remove(results + ".lock") })
}

// locked calls f while no run can write to the results.
func (t *tidying) locked(results string, f func() error) error {
	if info, err := t.root.Lstat(results + ".lock"); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file: %s is kept", t.path(results+".lock"), t.path(results))
	}
	unlock, ok, err := journal.LockResults(filepath.Join(t.Dir, results))
	switch {
	case err != nil:
		return fmt.Errorf("%s is kept, because it cannot be locked: %w", t.path(results), err)
	case !ok:
		fmt.Fprintf(t.out, "in use   %s\n", printable(t.path(results)))
		return nil
	}
	return errors.Join(f(), unlock())
}

func (t *tidying) remove(name string) error {
	if !t.DryRun {
		if err := t.root.Remove(name); err != nil {
			return fmt.Errorf("%s cannot be removed: %w", t.path(name), err)
		}
	}
	t.removed++
	fmt.Fprintf(t.out, "%s  %s\n", t.verb(), printable(t.path(name)))
	return nil
}

func (t *tidying) end() {
	fmt.Fprintf(t.out, "%s  %s older than %v\n", t.verb(), counted(t.removed, "file"), t.OlderThan)
}

func (t *tidying) verb() string {
	if t.DryRun {
		return "would remove"
	}
	return "removed"
}

func (t *tidying) path(name string) string { return filepath.Join(t.Dir, name) }

// Help returns the description that kong prints below the usage line.
func (*tidyResultsCmd) Help() string {
	return `tidy-results removes old files of earlier runs from a folder, such as one that gets new results every night:
results files (including those that --retry kept), files written by --summary, and locks of runs that were killed. It
recognizes them by their content, and removes no other files. It does not remove links, or results that a run
is writing.

Exit codes: 0 if all old files were removed, 1 if some could not be removed, 2 if the folder cannot be read.

Examples:

    # Print what would be removed.
    groupsync tidy-results --older-than 720h --dry-run /var/lib/groupsync

    # Keep the files of the last 30 days.
    groupsync tidy-results --older-than 720h /var/lib/groupsync`
}
