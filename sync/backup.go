package sync

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"groupsync/ecwid"
	"groupsync/sync/atomicfile"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
)

// backUp writes the groups to the backup if the job asks for one. If the run resumes results for which the backup was
// written, it checks that backup instead.
func (j *Job) backUp(groups []ecwid.CustomerGroup, history *journal.History) error {
	r := j.Results
	switch {
	case j.Backup == "" && (history.Begun || history.Retry || r.Stdout != nil):
		return nil
	case j.Backup == "":
		return r.RemoveChecksum() // of the backup of earlier results, which this run replaces
	case history.Resumed && errors.Is(atomicfile.CheckNotExist(j.Backup), fs.ErrExist):
		return r.VerifyBackup(j.Backup)
	case history.Begun:
		return fmt.Errorf("an earlier run may have changed the store already, and its backup %s does not exist", j.Backup)
	}
	if len(groups) > 0 && groups[0].ID == 0 {
		groups = groups[1:] // the default group is never changed
	}
	if err := r.RemoveChecksum(); err != nil {
		return err
	}
	err := atomicfile.CreateFile(j.Backup, func(out io.Writer) error {
		hash := sha256.New()
		if err := j.writeBackup(io.MultiWriter(out, hash), groups); err != nil || r.Stdout != nil {
			return err
		}
		// The checksum is complete before the backup exists. Otherwise, a run that is killed in between would leave a
		// backup that the next run could not use.
		err := atomicfile.CreateFile(r.ChecksumPath(), func(out io.Writer) error {
			_, err := fmt.Fprintf(out, "%x *%s\n", hash.Sum(nil), j.Backup)
			return err
		})
		if err != nil {
			return fmt.Errorf("its checksum: %v", err) // not wrapped: fs.ErrExist would say that the backup exists
		}
		return nil
	})
	if errors.Is(err, fs.ErrExist) {
		return &journal.BackupExistsError{Path: j.Backup}
	}
	if err != nil {
		return fmt.Errorf("the backup cannot be written: %w", err)
	}
	if faults := groupfile.RestoreFaults(groups); len(faults) > 0 {
		j.Hooks.warn(&RestoreError{j.Backup, faults})
	}
	return nil
}

// writeBackup writes the groups in the format of the backup.
func (j *Job) writeBackup(out io.Writer, groups []ecwid.CustomerGroup) error {
	if groupfile.IsWorkbook(j.Backup) {
		return groupfile.WriteWorkbook(out, groups, nil) // no base: with one, a restore would change nothing
	}
	return groupfile.WriteGroups(out, groups)
}
