package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"os"
	stdsync "sync"

	"groupsync/sync/groupfile"
)

// input is the file with the rows, or standard input. It is read only as far as needed. What is read is hashed, so that
// a summary can identify the file.
type input struct {
	io.Reader
	file   *os.File         // nil: standard input, unless a shell opened a file for it
	shared bool             // the file belongs to the caller: close does not close it
	rows   *groupfile.Input // nil: the header has not been read yet

	mu   stdsync.Mutex
	hash hash.Hash
	size int64 // of what was hashed
	end  bool  // everything was hashed
}

// openInput opens the file at path, or standard input for "-". It returns early if ctx ends: a named pipe opens only
// when another program writes to it.
func openInput(ctx context.Context, path string, stdin io.Reader) (*input, error) {
	in := &input{hash: sha256.New()}
	if path == "-" {
		in.file, in.shared = fileOf(stdin), true
		in.Reader = hashed{stdin, in}
		return in, nil
	}
	var f *os.File
	opened := make(chan error, 1)
	go func() {
		var err error
		f, err = os.Open(path)
		opened <- err
	}()
	select {
	case err := <-opened:
		if err != nil {
			return nil, fmt.Errorf("the input cannot be read: %w", err)
		}
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("the input cannot be read: %s is a folder", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	in.file = f
	in.Reader = hashed{f, in}
	return in, nil
}

// fileOf returns the regular file that a shell opened as standard input, as in "<groups.csv", so that it is treated like
// a named file: watched for changes, and read twice without a copy. It returns nil for anything else, and for a file
// that another program has already read in part.
func fileOf(stdin io.Reader) *os.File {
	f, ok := stdin.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	if at, err := f.Seek(0, io.SeekCurrent); err != nil || at != 0 {
		return nil
	}
	return f
}

// hashed is a reader that hashes what is read from an input.
type hashed struct {
	io.Reader
	in *input
}

func (h hashed) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	h.in.mu.Lock()
	defer h.in.mu.Unlock()
	h.in.hash.Write(p[:n])
	h.in.size += int64(n)
	h.in.end = h.in.end || err == io.EOF
	return n, err
}

// isRegular reports whether the input can be read again.
func (in *input) isRegular() bool {
	if in.file == nil {
		return false
	}
	info, err := in.file.Stat()
	return err == nil && info.Mode().IsRegular()
}

// fingerprint returns the size of the input in bytes and its SHA-256. It reads the rest of a file first. It returns
// false for a pipe that was not read to its end, and for a file that has changed.
func (in *input) fingerprint() (size int64, sum string, ok bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.end && in.isRegular() {
		n, err := io.Copy(in.hash, io.NewSectionReader(in.file, in.size, math.MaxInt64-in.size))
		in.size += n
		in.end = err == nil && (in.rows == nil || in.rows.Changed() == nil)
	}
	return in.size, hex.EncodeToString(in.hash.Sum(nil)), in.end
}

// close closes the input and its readers.
func (in *input) close() error {
	var err error
	if in.rows != nil {
		err = in.rows.Close()
	}
	if in.file != nil && !in.shared {
		err = errors.Join(err, in.file.Close())
	}
	return err
}
