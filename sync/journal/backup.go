package journal

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

	"groupsync/sync/atomicfile"
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
	if atomicfile.MustNotExist(path) == nil {
		return nil
	}
	if _, err := os.Stat(r.Path); !r.Resume || r.Stdout != nil || err != nil {
		return BackupExists(path)
	}
	return r.CheckOwn(path)
}

func BackupExists(path string) error {
	return fmt.Errorf("the backup %s already exists, and a backup is never replaced: move it away, or name another", path)
}

// checkOwn says why the file at path is not the backup that was written for these results.
func (r Results) CheckOwn(path string) error {
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

// IsBackupChecksum reports whether data is a line as [Results.ChecksumPath] holds it.
func IsBackupChecksum(data []byte) bool {
	sum, name, _ := strings.Cut(string(data), " ")
	hash, err := hex.DecodeString(sum)
	return err == nil && len(hash) == sha256.Size && strings.HasPrefix(name, "*")
}

// dropChecksum removes the checksum file of earlier results. A file that is none stays.
func (r Results) DropChecksum() error {
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
