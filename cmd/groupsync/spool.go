package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/quote"
)

// byteSize is the value of a flag in bytes: 500M, 2GiB. K, M, G and T are powers of 1024.
type byteSize int64

// UnmarshalText is called by kong.
func (s *byteSize) UnmarshalText(text []byte) error {
	const units = "KMGT"
	number := strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(string(text)), "B"), "I")
	shift := 0
	if n := len(number); n > 0 {
		if i := strings.IndexByte(units, number[n-1]); i >= 0 {
			number, shift = number[:n-1], 10*(i+1)
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || n > 1<<62>>shift {
		return fmt.Errorf("%s is not a size, such as 500M or 2G", quote.Text(string(text)))
	}
	*s = byteSize(n << shift)
	return nil
}

// String returns the size as a flag takes it, in the largest unit that divides it.
func (s byteSize) String() string {
	const units = "KMGT"
	unit := -1
	for unit < len(units)-1 && s%1024 == 0 && s > 0 {
		s /= 1024
		unit++
	}
	if unit < 0 {
		return strconv.FormatInt(int64(s), 10)
	}
	return fmt.Sprintf("%d%ciB", int64(s), units[unit])
}

// spool returns how a pipe is copied. twice says whether the command reads its input twice.
func (f *readingFlags) spool(twice bool, results journal.Results) groupfile.SpoolOptions {
	o := groupfile.SpoolOptions{Always: twice, Limit: int64(f.SpoolLimit), Folders: []string{os.TempDir()}}
	if results.Path != "" && results.Stdout == nil {
		o.Folders = []string{filepath.Dir(results.Path), os.TempDir()}
	}
	return o
}

// readsTwice reports whether the run reads its input twice: to compare the rows with the store before the first update,
// to count them, or to add their groups to a sandbox. Any other run sends the rows of a pipe as they come.
func (c *syncCmd) readsTwice() bool {
	return c.Sandbox || c.MinRows > 0 || c.SkipUnchanged || c.Base != "" || c.Backup != "" || c.MaxChanges != "" || c.Expect != "" || c.Key != "groupId"
}
