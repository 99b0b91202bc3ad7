package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFingerprint(t *testing.T) {
	content := strings.Repeat("groupId,name\n", 10000)
	sum := sha256.Sum256([]byte(content))
	path := filepath.Join(t.TempDir(), "in.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		path  string
		bytes int64 // read before
		ok    bool
	}{
		{"a file that was read to its end", path, int64(len(content)) + 1, true},
		{"a file that was read in part", path, 100, true},
		{"a file that was not read", path, 0, true},
		{"a pipe that was read to its end", "-", int64(len(content)) + 1, true},
		{"a pipe that was read in part", "-", 100, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in, err := openInput(t.Context(), test.path, strings.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			defer in.close()
			if _, err := io.CopyN(io.Discard, in, test.bytes); err != nil && err != io.EOF {
				t.Fatal(err)
			}
			size, got, ok := in.fingerprint()
			if ok != test.ok || ok && (size != int64(len(content)) || got != hex.EncodeToString(sum[:])) {
				t.Errorf("%d bytes, SHA-256 %s, %v", size, got, ok)
			}
		})
	}
}

func TestFileOf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.csv")
	if err := os.WriteFile(path, []byte("groupId,name\n1,a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := openInput(t.Context(), "-", f)
	if err != nil || in.file != f {
		t.Fatalf("got %v, %v", in.file, err)
	}
	if _, _, ok := in.fingerprint(); !ok {
		t.Error("a file has no fingerprint")
	}
	if err := in.close(); err != nil {
		t.Error(err)
	}
	if _, err := io.CopyN(io.Discard, f, 13); err != nil {
		t.Error("it was closed:", err)
	}
	if fileOf(f) != nil {
		t.Error("fileOf returned a file that had been read in part")
	}
	if fileOf(strings.NewReader("")) != nil {
		t.Error("fileOf returned a file for a pipe")
	}
}
