package sync

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"groupsync/ecwid"

	"github.com/gocarina/gocsv"
)

// ReplaceFile writes a file that is there as a whole, on the disk, or not at all: whatever was there before
// stays until then.
func ReplaceFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	out := bufio.NewWriter(f)
	if err := errors.Join(write(out), out.Flush(), f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// WriteGroups writes groups as a CSV file in the columns of the input.
func WriteGroups(out io.Writer, groups []ecwid.CustomerGroup) error {
	rows := make([]Cells, 0, len(groups))
	for _, g := range groups {
		rows = append(rows, Cells{strconv.Itoa(int(g.ID)), g.Name, g.ExternalReferenceID})
	}
	return gocsv.MarshalCSV(rows, gocsv.NewSafeCSVWriter(csv.NewWriter(out)))
}
