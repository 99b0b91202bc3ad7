package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"groupsync/sync/journal"
)

// checkTargets checks the files that a run would write.
func (d *doctor) checkTargets(ctx context.Context) {
	c := &d.c.syncCmd
	var m *metrics
	if c.Metrics != "" {
		m = newMetrics(c.Metrics, c.storeID())
	}
	switch {
	case c.File == "" && c.Results == "":
		d.skip("results", "no file was given")
	case c.File == "-" && c.Results == "":
		d.skip("results", "no results file was given") // checkSettings has reported it
	default:
		if err := errors.Join(checkDistinct(c.targets(d.program, m.file()))...); err != nil {
			d.fail("files", err, "")
			return
		}
		d.checkResults(c.results(d.program.stdout))
	}
	if c.Summary != "" {
		d.checkTarget("summary", "--summary", c.Summary)
	}
	if m != nil {
		d.checkMetrics(ctx, m)
	}
}

// checkTarget checks whether the file of a flag can be written.
func (d *doctor) checkTarget(check, flag, path string) {
	name := flag
	if flag == "--results" { // the path may be the default
		name = "the results"
	}
	if err := checkTarget(name, path); err != nil {
		d.fail(check, err, targetHint(flag))
		return
	}
	d.ok(check, "%s can be written", path)
}

// targetHint returns what to do about the file of a flag that cannot be written.
func targetHint(flag string) string {
	return "check the folder and its permissions, or name another file with " + flag
}

// checkResults checks the results, their lock, the backup, and the space on the disk.
func (d *doctor) checkResults(r journal.Results) {
	if r.Stdout != nil {
		d.ok("results", "on standard output")
		return
	}
	switch err := cmp.Or(r.Check(), writable(r.Path)); {
	case err != nil && hint(err) == "":
		d.fail("results", err, targetHint("--results"))
	case err != nil:
		d.fail("results", err, "")
	default:
		d.checkTarget("results", "--results", r.Path)
	}
	if d.c.Backup != "" {
		if err := r.CheckBackup(d.c.Backup); err != nil {
			d.fail("backup", err, "")
		} else {
			d.checkTarget("backup", "--backup", d.c.Backup)
		}
	}
	d.checkLock(r)
	d.checkSpace(filepath.Dir(r.Path))
}

// writable returns an error if the file exists and cannot be written.
func writable(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the results cannot be written: %w", err)
	}
	return f.Close()
}

// checkLock checks whether another run is writing to the results. It does not create a lock file.
func (d *doctor) checkLock(r journal.Results) {
	if _, err := os.Lstat(r.LockPath()); err != nil {
		d.ok("lock", "no other run is writing to %s", r.Path)
		return
	}
	unlock, free, err := journal.LockResults(r.Path)
	switch {
	case err != nil:
		d.fail("lock", fmt.Errorf("%s: %w", r.LockPath(), err), "")
	case !free:
		d.fail("lock", &journal.LockedError{Path: r.Path}, "")
	default:
		if err := unlock(); err != nil {
			d.fail("lock", fmt.Errorf("%s: %w", r.LockPath(), err), "")
			return
		}
		d.ok("lock", "no other run is writing to %s", r.Path)
	}
}

// leastSpace is the free space, in bytes, that is enough for results of usual size, their temporary files and the logs.
const leastSpace = 100 << 20

// checkSpace compares the free space in the folder of the results with what the results of FILE need.
func (d *doctor) checkSpace(folder string) {
	free, err := freeSpace(folder)
	if err != nil {
		d.skip("disk", "the free space of %s is unknown: %v", folder, err)
		return
	}
	need := uint64(leastSpace)
	if info, err := os.Stat(d.c.File); err == nil {
		need += 3 * uint64(info.Size()) // a record has the cells of its row, and more; --retry keeps the old file
	}
	message := fmt.Sprintf("%d MB of disk space is free in the folder %s", free/1_000_000, folder)
	if free < need {
		d.warn("disk", message, fmt.Sprintf("a run may need %d MB: free some space, or put the results elsewhere with --results", need/1_000_000))
		return
	}
	d.ok("disk", "%s", message)
}

// checkMetrics checks the file of the metrics, or whether the Pushgateway responds, with whatever status.
func (d *doctor) checkMetrics(ctx context.Context, m *metrics) {
	gateway, err := m.gateway()
	if err != nil {
		d.fail("metrics", err, "")
		return
	}
	if gateway == nil {
		d.checkTarget("metrics", "--metrics", m.target)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, gateway.JoinPath("-", "ready").String(), nil)
	if err != nil {
		d.fail("metrics", err, "")
		return
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // the address may contain a password
		}
		d.warn("metrics", fmt.Sprintf("the Pushgateway %s does not respond: %v", gateway.Redacted(), err), "check --metrics; a run succeeds without the gateway, but its metrics are lost")
		return
	}
	response.Body.Close()
	d.ok("metrics", "the Pushgateway %s responds", gateway.Redacted())
}
