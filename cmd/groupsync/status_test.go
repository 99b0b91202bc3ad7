package main

import (
	"strings"
	"testing"
)

func TestStatusLine(t *testing.T) {
	var out strings.Builder
	width := 20
	s := &statusLine{out: &out, escapes: true, width: func() int { return width }}
	steps := []struct {
		name string
		do   func()
		want string
	}{
		{"a line leaves the cursor on its first cell", func() { s.set("3/7 rows") }, "3/7 rows\r"},
		{"what is written takes its place, and the line follows below", func() { s.Write([]byte("log\n")) }, "\x1b[Jlog\n3/7 rows\r"},
		{"a long line stays off the last column", func() { s.set("123456789 123456789 123") }, "\x1b[J123456789 123456789\r"},
		{"a narrower terminal shows less", func() { width = 6; s.Write(nil) }, "\x1b[J12345\r"},
		{"taken away, nothing of it stays", func() { s.set("") }, "\x1b[J"},
		{"without a line only what is written shows", func() { s.Write([]byte("log\n")) }, "log\n"},
		{"no escape codes where they are not understood", func() { width = 80; s.escapes = false; s.set("3/7") }, "3/7\r"},
		{"there the line is overwritten", func() { s.Write([]byte("log\n")) }, "   \rlog\n3/7\r"},
		{"and taken away likewise", func() { s.set("") }, "   \r"},
	}
	for _, step := range steps {
		out.Reset()
		step.do()
		if out.String() != step.want {
			t.Errorf("%s:\n got %q\nwant %q", step.name, out.String(), step.want)
		}
	}
}
