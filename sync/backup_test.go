package sync

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"

	"github.com/google/go-cmp/cmp"
)

// A backup is never replaced. Only a run that resumes the results it was written for uses it again.
func TestBackupIsKept(t *testing.T) {
	const input = "groupId,name\n1,new\n2,new\n3,new\n"
	limited := func(j *Job) { j.Limit = 1 }
	overwrite := func(j *Job) { j.Results.Resume, j.Results.Overwrite = false, true }
	for _, c := range []struct {
		name    string
		first   []func(*Job) // the run before; nil: none
		backup  bool         // that run wrote the backup; false: another run did
		between func(t *testing.T, tr *trial, backup string)
		adapt   func(*Job)
		want    string // "": the run begins
	}{
		{"it exists", nil, false, nil, nil, "already exists, and a backup is never replaced"},
		{"it exists, and the results are replaced", []func(*Job){}, true, nil, overwrite, "already exists, and a backup is never replaced"},
		{"resumed", []func(*Job){limited}, true, nil, nil, ""},
		{"resumed after the header was torn", []func(*Job){limited}, true, func(t *testing.T, tr *trial, _ string) {
			if err := os.Truncate(tr.path, 5); err != nil {
				t.Fatal(err)
			}
		}, nil, ""},
		{"the results were removed", []func(*Job){limited}, true, func(t *testing.T, tr *trial, _ string) {
			if err := os.Remove(tr.path); err != nil {
				t.Fatal(err)
			}
		}, nil, "already exists, and a backup is never replaced"},
		{"resumed results that began without a backup", []func(*Job){limited}, false, nil, nil, "was not written for the results"},
		{"changed since", []func(*Job){limited}, true, func(t *testing.T, _ *trial, backup string) {
			appendTo(t, backup, "4,x,\n")
		}, nil, "is not the backup that was written for the results"},
		{"removed since", []func(*Job){limited}, true, func(t *testing.T, _ *trial, backup string) {
			if err := os.Remove(backup); err != nil {
				t.Fatal(err)
			}
		}, nil, "does not exist"},
		{"results replaced without a backup, then resumed", []func(*Job){limited}, true, func(t *testing.T, tr *trial, _ string) {
			if _, err := tr.run(overwrite, limited); err == nil {
				t.Fatal("the limit was not reached")
			}
		}, nil, "was not written for the results"},
		{"results removed and begun without a backup, then resumed", []func(*Job){limited}, true, func(t *testing.T, tr *trial, _ string) {
			if err := os.Remove(tr.path); err != nil {
				t.Fatal(err)
			}
			if _, err := tr.run(limited); err == nil {
				t.Fatal("the limit was not reached")
			}
		}, nil, "was not written for the results"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, input, ecwidtest.Options{Groups: storeOf(3)})
				backup := tr.path + ".before"
				withBackup := func(j *Job) { j.Backup = backup }
				if !c.backup {
					if err := os.WriteFile(backup, []byte("groupId,name\n9,of another run\n"), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if c.first != nil {
					adapt := c.first
					if c.backup {
						adapt = append(adapt, withBackup)
					}
					if _, err := tr.run(adapt...); err != nil && len(c.first) == 0 {
						t.Fatal(err)
					}
				}
				if c.between != nil {
					c.between(t, tr, backup)
				}
				before, _ := os.ReadFile(backup)
				sent := len(tr.puts())
				adapt := []func(*Job){withBackup}
				if c.adapt != nil {
					adapt = append(adapt, c.adapt)
				}
				_, err := tr.run(adapt...)
				if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %q", err, c.want)
				}
				if err != nil && len(tr.puts()) > sent {
					t.Errorf("%d PUTs were sent", len(tr.puts())-sent)
				}
				if after, _ := os.ReadFile(backup); string(after) != string(before) {
					t.Errorf("the backup was changed from %q to %q", before, after)
				}
			})
		})
	}
}

// The checksum of removed results is removed before the next run lists the store. If that run is killed then, it
// leaves an empty results file, and the run that resumes it must not use the old backup.
func TestChecksumOfRemovedResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(3), ecwidtest.Options{Groups: storeOf(3)})
		checksum := journal.Results{Path: tr.path}.ChecksumPath()
		if _, err := tr.run(func(j *Job) { j.Backup = tr.path + ".before" }); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(checksum); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(tr.path); err != nil {
			t.Fatal(err)
		}
		began := false
		_, err := tr.run(func(j *Job) {
			j.Hooks.Begun = func(map[journal.Status]int) {
				began = true
				if _, err := os.Stat(checksum); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("the checksum was not removed: %v", err)
				}
			}
		})
		if err != nil || !began {
			t.Error(err, began)
		}
	})
}

// A backup never exists without its checksum, because a run that resumes could not use it.
func TestChecksumIsWrittenFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, rows(3), ecwidtest.Options{Groups: storeOf(3)})
		backup := tr.path + ".before"
		if err := os.Symlink("nowhere", journal.Results{Path: tr.path}.ChecksumPath()); err != nil {
			t.Logf("this system has no symbolic links: %v", err)
			return
		}
		_, err := tr.run(func(j *Job) { j.Backup = backup })
		if err == nil || !strings.Contains(err.Error(), "the backup cannot be written: its checksum: ") {
			t.Errorf("got %v, want the error of the checksum", err)
		}
		if _, err := os.Lstat(backup); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the backup exists: %v", err)
		}
		if n := len(tr.puts()); n > 0 {
			t.Errorf("%d PUTs were sent", n)
		}
	})
}

// A file at the path of the checksum that is not a checksum is left unchanged.
func TestForeignChecksum(t *testing.T) {
	tr := newTrial(t, rows(3), ecwidtest.Options{AnyGroup: true})
	foreign := tr.path + ".backup.sha256"
	if err := os.WriteFile(foreign, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.run(fast); err == nil || !strings.Contains(err.Error(), foreign) {
		t.Errorf("got %v", err)
	}
	if data, _ := os.ReadFile(foreign); string(data) != "mine" || len(tr.server.Requests()) > 0 {
		t.Errorf("the file contains %q; %d requests", data, len(tr.server.Requests()))
	}
	if _, err := os.Stat(tr.path); err == nil {
		t.Error("the run left a results file")
	}
}

// A warning names the values that a backup cannot restore. When the backup is sent, the rows with these values are
// unchanged.
func TestBackupOfUnsendableValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		groups := []ecwidtest.Group{
			{ID: 1, Name: "plain", ExternalReferenceID: "erp-1"},
			{ID: 2, Name: "a\ttab"},
			{ID: 3, Name: "next\u0085line"},
			{ID: 4, Name: "#N/A"},
			{ID: 5, Name: "two\r\nlines"},
			{ID: 6, Name: "x", ExternalReferenceID: "1.23E+11"},
			{ID: 7, Name: " "},
			{ID: 8, Name: "y", ExternalReferenceID: " "},
		}
		tr := newTrial(t, "groupId,name\n1,new\n", ecwidtest.Options{Groups: groups})
		backup := tr.path + ".before"
		var warning *RestoreError
		_, err := tr.run(func(j *Job) {
			j.Backup = backup
			j.Hooks.Warn = func(err error) { errors.As(err, &warning) }
		})
		if err != nil || warning == nil {
			t.Fatal(err, warning)
		}
		want := []groupfile.RestoreFault{
			{Group: 2, Column: "name", Reason: "it contains a tab: remove it"},
			{Group: 3, Column: "name", Reason: "it contains the control character U+0085: remove it"},
			{Group: 4, Column: "name", Reason: "it contains #N/A, a spreadsheet error: fix the formula in the spreadsheet"},
			{Group: 5, Column: "name", Reason: "it contains a line break: put the text on one line"},
			{Group: 6, Column: "externalReferenceId", Reason: `"1.23E+11" was shortened by a spreadsheet, and digits are lost: copy it again from the original, into a column formatted as text`},
			{Group: 7, Column: "name", Reason: "it has only white space, which is not sent"},
			{Group: 8, Column: "externalReferenceId", Reason: "it has only white space, which is not sent"},
		}
		if diff := cmp.Diff(want, warning.Groups); diff != "" {
			t.Error(diff)
		}
		if !strings.Contains(warning.Error(), "the backup "+backup+" cannot restore these groups once they are changed: group 2: name: it contains a tab") {
			t.Error(warning)
		}
		if !strings.HasSuffix(warning.Error(), "; and 2 more") {
			t.Error(warning)
		}

		saved, err := os.ReadFile(backup)
		if err != nil {
			t.Fatal(err)
		}
		tr.input, tr.clear, tr.path = string(saved)[:strings.Index(string(saved), "7,")], true, tr.path+".restored"
		entries, totals := tr.plan()
		if !totals.Good() || totals.Puts != 1 || totals.Rows[journal.Unchanged] != 5 {
			t.Errorf("the plan is %+v, %+v", totals, entries)
		}
		sent := len(tr.puts())
		summary, err := tr.run(tr.listing()...)
		if err != nil || !summary.Good() || summary.Rows[journal.Unchanged] != 5 || len(tr.puts()) != sent+1 {
			t.Errorf("%+v, %v, PUTs %q", summary, err, tr.puts())
		}
	})
}
