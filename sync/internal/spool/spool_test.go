package spool

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func fill(t *testing.T, s *Spool, chunks int) []byte {
	t.Helper()
	var want bytes.Buffer
	for i := range chunks {
		chunk := bytes.Repeat([]byte{byte(i)}, 1000)
		want.Write(chunk)
		if n, err := s.Write(chunk); err != nil || n != len(chunk) {
			t.Fatalf("chunk %d: %d, %v", i, n, err)
		}
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	return want.Bytes()
}

func TestSpool(t *testing.T) {
	for _, chunks := range []int{0, 1, 1000, 1100, 5000} { // 1048 chunks fit into memory
		dir := t.TempDir()
		t.Setenv("TMPDIR", dir)
		var s Spool
		want := fill(t, &s, chunks)
		got, err := io.ReadAll(io.NewSectionReader(&s, 0, s.Size()))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d chunks: read %d bytes of %d: %v", chunks, len(got), len(want), err)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
			t.Errorf("%d chunks: a temporary file has a name: %v, %v", chunks, files, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestSpoolWithoutTemporaryFiles(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/missing")
	s := Spool{MaxMemory: 2 << 20}
	want := fill(t, &s, 2000)
	got := make([]byte, 2500)
	if _, err := s.ReadAt(got, 999_000); err != nil || !bytes.Equal(got, want[999_000:999_000+2500]) {
		t.Errorf("reading from memory: %v", err)
	}
	_, err := s.Write(make([]byte, 1<<20))
	if _, ok := errors.AsType[*Error](err); !ok || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("beyond MaxMemory: got %v, want an *Error about a missing folder", err)
	}
}

func TestSpoolFolders(t *testing.T) {
	missing, dir := t.TempDir()+"/missing", t.TempDir()
	s := Spool{Folders: []string{missing, dir}}
	want := fill(t, &s, 1100)
	if filepath.Dir(s.file.Name()) != dir {
		t.Errorf("the file is %s, want one in %s", s.file.Name(), dir)
	}
	got, err := io.ReadAll(io.NewSectionReader(&s, 0, s.Size()))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("read %d bytes of %d: %v", len(got), len(want), err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestSpoolMaxSize(t *testing.T) {
	s := Spool{MaxSize: 10}
	if n, err := s.Write(make([]byte, 10)); n != 10 || err != nil {
		t.Fatalf("the first 10 bytes: %d, %v", n, err)
	}
	_, err := s.Write([]byte{0})
	if tooLarge, ok := errors.AsType[*TooLargeError](err); !ok || tooLarge.MaxSize != 10 {
		t.Errorf("got %v, want a *TooLargeError of 10 bytes", err)
	}
}
