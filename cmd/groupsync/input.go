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

// input is the file that is read. Its bytes are read only as far as they are needed; what goes through is
// hashed, so that a summary says which file it was.
type input struct {
	io.Reader
	file *os.File         // nil: standard input
	rows *groupfile.Input // nil: not understood yet

	mu   stdsync.Mutex
	hash hash.Hash
	size int64 // what was hashed
	end  bool
}

// openInput opens the file at path, "-" for standard input. It ends with ctx: a named pipe opens only when
// somebody writes to it.
func openInput(ctx context.Context, path string, stdin io.Reader) (*input, error) {
	in := &input{hash: sha256.New()}
	if path == "-" {
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
			return nil, fmt.Errorf("the input can't be read: %w", err)
		}
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("the input can't be read: %s is a folder", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	in.file = f
	in.Reader = hashed{f, in}
	return in, nil
}

// hashed is what input reads from.
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

// fingerprint gives the input's size in bytes and its SHA-256. A file whose end was not reached is read
// up to it; of a pipe whose end was not reached there is none, nor of a file that has changed before its end
// was reached.
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

// close closes the input, and what reads from it.
func (in *input) close() error {
	var err error
	if in.rows != nil {
		err = in.rows.Close()
	}
	if in.file != nil {
		err = errors.Join(err, in.file.Close())
	}
	return err
}
