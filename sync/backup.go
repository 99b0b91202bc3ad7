package sync

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"groupsync/ecwid"
)

// LockPath returns the path of the file that a run locks while it writes the results, or "" on standard output.
func (r Results) LockPath() string { return r.beside(".lock") }

// ChecksumPath returns the path of a file in the format of sha256sum, or "" on standard output. It tells a run that
// resumes the results which backup was written for them.
func (r Results) ChecksumPath() string { return r.beside(".backup.sha256") }

func (r Results) beside(ending string) string {
	if r.Stdout != nil {
		return ""
	}
	return r.Path + ending
}

// CheckBackup says what stands in the way of a backup at path in a run with these results, without touching anything.
func (r Results) CheckBackup(path string) error {
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return fmt.Errorf("the backup can't be written to %s: the folder does not exist", path)
	}
	if mustNotExist(path) == nil {
		return nil
	}
	if _, err := os.Stat(r.Path); !r.Resume || r.Stdout != nil || err != nil {
		return backupExists(path)
	}
	return r.checkOwn(path)
}

func backupExists(path string) error {
	return fmt.Errorf("the backup %s already exists, and a backup is never replaced: move it away, or name another", path)
}

// checkOwn says why the file at path is not the backup that was written for these results.
func (r Results) checkOwn(path string) error {
	written, err := os.ReadFile(r.ChecksumPath())
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the backup %s already exists, and was not written for the results %s: move it away, or name another", path, r.Path)
	}
	if err != nil {
		return fmt.Errorf("reading the checksum of the backup: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the backup can't be read: %w", err)
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return fmt.Errorf("the backup can't be read: %w", err)
	}
	if sum, _, _ := strings.Cut(string(written), " "); sum != hex.EncodeToString(hash.Sum(nil)) {
		return fmt.Errorf("%s is not the backup that was written for the results %s, or was changed since: name that one", path, r.Path)
	}
	return nil
}

// backUp writes the groups to the backup, if there is to be one, unless the run resumes results that have theirs.
func (j *Job) backUp(groups []ecwid.CustomerGroup, past *past) error {
	r := j.Results
	switch {
	case j.Backup == "" && (past.begun || r.Stdout != nil):
		return nil
	case j.Backup == "":
		return r.dropChecksum() // of results that these replace
	case past.resumed && errors.Is(mustNotExist(j.Backup), fs.ErrExist):
		return r.checkOwn(j.Backup)
	case past.begun:
		return fmt.Errorf("the run that is to be resumed may have changed the store already, and its backup %s does not exist", j.Backup)
	}
	if len(groups) > 0 && groups[0].ID == 0 {
		groups = groups[1:] // the default one is never changed
	}
	if err := r.dropChecksum(); err != nil {
		return err
	}
	hash := sha256.New()
	err := createFile(j.Backup, func(out io.Writer) error { return WriteGroups(io.MultiWriter(out, hash), groups) })
	if errors.Is(err, fs.ErrExist) {
		return backupExists(j.Backup)
	}
	if err == nil && r.Stdout == nil {
		err = createFile(r.ChecksumPath(), func(out io.Writer) error {
			_, err := fmt.Fprintf(out, "%x *%s\n", hash.Sum(nil), j.Backup)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("the backup can't be written: %w", err)
	}
	if faults := restoreFaults(groups); len(faults) > 0 {
		j.Hooks.warn(&RestoreError{j.Backup, faults})
	}
	return nil
}

// IsBackupChecksum reports whether data is a line as [Results.ChecksumPath] holds it.
func IsBackupChecksum(data []byte) bool {
	sum, name, _ := strings.Cut(string(data), " ")
	hash, err := hex.DecodeString(sum)
	return err == nil && len(hash) == sha256.Size && strings.HasPrefix(name, "*")
}

// dropChecksum removes the checksum file of earlier results. A file that is none stays.
func (r Results) dropChecksum() error {
	if r.Stdout != nil {
		return nil
	}
	data, err := os.ReadFile(r.ChecksumPath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && !IsBackupChecksum(data):
		err = errors.New("it exists and is not one")
	case err == nil:
		err = os.Remove(r.ChecksumPath())
	}
	if err != nil {
		return fmt.Errorf("%s has to be the checksum of the backup of the results: %w", r.ChecksumPath(), err)
	}
	return nil
}

// RestoreError is a backup that can't restore all of its groups: some hold values that are never sent. They do no harm
// unless the run changes them.
type RestoreError struct {
	Backup string
	Groups []RestoreFault
}

// RestoreFault is a group that can't be restored, the column at fault, and why.
type RestoreFault struct {
	Group          int32
	Column, Reason string
}

func (e *RestoreError) Error() string {
	const most = 5
	var named []string
	for _, f := range e.Groups[:min(len(e.Groups), most)] {
		named = append(named, fmt.Sprintf("group %d: %s: %s", f.Group, f.Column, f.Reason))
	}
	if more := len(e.Groups) - most; more > 0 {
		named = append(named, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("the backup %s can't restore these groups once they are changed: %s", e.Backup, strings.Join(named, "; "))
}

// restoreFaults returns the groups whose values would not be sent from a backup of them, in a run that clears what is
// blank.
func restoreFaults(groups []ecwid.CustomerGroup) (all []RestoreFault) {
	for _, g := range groups {
		row := Row{Cells: groupCells(g)}
		row.understand(true, false, "")
		fault, _ := errors.AsType[*RowError](row.Err)
		switch {
		case fault != nil:
		case row.Update.Name.Value() != g.Name:
			fault = &RowError{columnName, "it is blank"}
		case row.Update.ExternalReferenceID.Value() != g.ExternalReferenceID:
			fault = &RowError{columnExternalID, "it is blank"}
		default:
			continue
		}
		all = append(all, RestoreFault{g.ID, fault.Column, fault.Reason})
	}
	return all
}
