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

// CheckBackup returns an error if a run with these results cannot write a backup to path. It changes nothing.
func (r Results) CheckBackup(path string) error {
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return fmt.Errorf("the backup cannot be written to %s: the folder does not exist", path)
	}
	if atomicfile.CheckNotExist(path) == nil {
		return nil
	}
	if _, err := os.Stat(r.Path); !r.Resume && !r.Retry || r.Stdout != nil || err != nil {
		return &BackupExistsError{path}
	}
	return r.VerifyBackup(path)
}

// VerifyBackup returns an error unless the file at path is the backup that was written for these results.
func (r Results) VerifyBackup(path string) error {
	written, err := os.ReadFile(r.ChecksumPath())
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the backup %s already exists, and was not written for the results %s: move it away, or choose another name", path, r.Path)
	}
	if err != nil {
		return fmt.Errorf("reading the checksum of the backup: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the backup cannot be read: %w", err)
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return fmt.Errorf("the backup cannot be read: %w", err)
	}
	if sum, _, _ := strings.Cut(string(written), " "); sum != hex.EncodeToString(hash.Sum(nil)) {
		return fmt.Errorf("%s is not the backup that was written for the results %s, or it was changed afterwards: use the original backup", path, r.Path)
	}
	return nil
}

// IsBackupChecksum reports whether data is the content of a checksum file: see [Results.ChecksumPath].
func IsBackupChecksum(data []byte) bool {
	sum, name, _ := strings.Cut(string(data), " ")
	hash, err := hex.DecodeString(sum)
	return err == nil && len(hash) == sha256.Size && strings.HasPrefix(name, "*")
}

// RemoveChecksum removes the checksum file of earlier results. It returns an error, and removes nothing, if the file of
// that name is not a checksum file.
func (r Results) RemoveChecksum() error {
	if r.Stdout != nil {
		return nil
	}
	data, err := os.ReadFile(r.ChecksumPath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && !IsBackupChecksum(data):
		err = errors.New("this file exists, and is not a checksum file: move it away")
	case err == nil:
		err = os.Remove(r.ChecksumPath())
	}
	if err != nil {
		return fmt.Errorf("the checksum of the backup cannot be written to %s: %w", r.ChecksumPath(), err)
	}
	return nil
}
