package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// target is a file that a command reads or writes.
type target struct {
	name    string // what messages call it
	path    string
	stream  any // the open file, instead of a path, if the shell opened it
	written bool
}

func (t target) String() string { return strings.TrimSpace(t.name + " " + t.path) }

// clashError reports two targets that are the same file.
type clashError struct{ a, b target }

func (e *clashError) Error() string {
	return fmt.Sprintf("%s and %s are the same file: each needs its own file", e.a, e.b)
}

// checkDistinct checks that no file that the command writes is also another of its files, even by way of a link or before
// the file exists. It returns a [*clashError] for each such pair.
func checkDistinct(targets []target) (errs []error) {
	places := make([]place, len(targets))
	for i, t := range targets {
		places[i] = t.place()
	}
	for i, a := range targets {
		for j, b := range targets[:i] {
			if (a.written || b.written) && places[i].same(places[j]) {
				errs = append(errs, &clashError{b, a})
			}
		}
	}
	return errs
}

// clashes reports whether one of the errors is about a target of this name.
func clashes(errs []error, name string) bool {
	for _, err := range errs {
		if c, ok := errors.AsType[*clashError](err); ok && (c.a.name == name || c.b.name == name) {
			return true
		}
	}
	return false
}

// checkTarget returns an error if the file at path, which messages call name, cannot be created or replaced. An empty
// path means that there is no such file.
func checkTarget(name, path string) error {
	if path == "" {
		return nil
	}
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fmt.Errorf("%s %s cannot be written: the folder %s does not exist", name, path, folder)
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s %s cannot be written: it is a folder", name, path)
	case path == "-", err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s %s cannot be written: it is not a regular file, and only such a file can be replaced", name, path)
	}
	probe, err := os.CreateTemp(folder, filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("%s %s cannot be written: %w", name, path, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// place identifies the file of a target.
type place struct {
	info fs.FileInfo // nil: it does not exist
	path string      // absolute and without links; "" if it is not known
}

func (t target) place() (p place) {
	if f, ok := t.stream.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() { // several streams may be one terminal
			p.info = info
		}
		return p
	}
	if t.path == "" {
		return p
	}
	if info, err := os.Stat(t.path); err == nil {
		p.info = info
	}
	p.path = resolved(t.path)
	return p
}

// maxLinks is how many links to a missing file are followed.
const maxLinks = 40

// resolved returns the absolute path of a file that may not exist yet, without links.
func resolved(path string) string {
	for range maxLinks {
		link, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(path), link)
		}
		path = link
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		path = filepath.Join(folder, filepath.Base(path))
	}
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	return path
}

func (p place) same(other place) bool {
	if p.info != nil && other.info != nil {
		return os.SameFile(p.info, other.info)
	}
	if p.path == "" || other.path == "" {
		return false
	}
	// The file systems of these two usually ignore case.
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return strings.EqualFold(p.path, other.path)
	}
	return p.path == other.path
}

// hardLinked reports whether two paths are names of the same file, without following symbolic links.
func hardLinked(a, b string) bool {
	infoA, errA := os.Lstat(a)
	infoB, errB := os.Lstat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// targets returns the files with the store id and the token.
func (f *storeFlags) targets() []target {
	var all []target
	if f.TokenFile != "" {
		all = append(all, target{name: "the token file", path: f.TokenFile})
	}
	if f.StoreFile.path != "" {
		all = append(all, target{name: "--store-file", path: f.StoreFile.path})
	}
	return all
}

// inputTarget returns the file with the rows.
func (f *readingFlags) inputTarget(p *program) target {
	if f.File == "-" {
		return target{name: "the input", stream: p.stdin}
	}
	return target{name: "the input", path: f.File}
}

// targets returns the files that a plan reads.
func (c *planCmd) targets(p *program) []target {
	return append(append(c.storeFlags.targets(), c.inputTarget(p)), c.baseFlags.targets()...)
}

// targets returns all files of a run.
func (c *syncCmd) targets(p *program, metrics string) []target {
	all := append(append(c.storeFlags.targets(), c.inputTarget(p)), c.baseFlags.targets()...)
	results := c.results(p.stdout)
	if results.Stdout != nil {
		all = append(all, target{name: "standard output", stream: results.Stdout, written: true})
	} else {
		all = append(all, target{name: "the results", path: results.Path, written: true})
	}
	for _, t := range []target{
		{name: "the lock of the results", path: results.LockPath()},
		{name: "the checksum of the backup", path: results.ChecksumPath()},
		{name: "the previous results", path: results.PreviousPath()},
		{name: "the records of a retry", path: results.RetryPath()},
		{name: "the merged results", path: results.MergedPath()},
		{name: "--summary", path: c.Summary},
		{name: "--metrics", path: metrics},
		{name: "--backup", path: c.Backup},
	} {
		// A retry that was killed while it replaced the results leaves the old results under both names.
		hasBothNames := t.path == results.PreviousPath() && hardLinked(t.path, results.Path)
		if t.path != "" && !hasBothNames {
			t.written = true
			all = append(all, t)
		}
	}
	return all
}
