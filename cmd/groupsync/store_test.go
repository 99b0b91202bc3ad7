package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A token file written by PowerShell or Notepad can be read.
func TestReadTextFile(t *testing.T) {
	for name, content := range map[string]string{
		"UTF-8":                        "secret_Ab",
		"UTF-8 with a byte order mark": "\ufeffsecret_Ab",
		"UTF-16, little-endian":        "\xff\xfes\x00e\x00c\x00r\x00e\x00t\x00_\x00A\x00b\x00",
		"UTF-16, big-endian":           "\xfe\xff\x00s\x00e\x00c\x00r\x00e\x00t\x00_\x00A\x00b",
	} {
		path := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readTextFile(path); got != "secret_Ab" || err != nil {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}
