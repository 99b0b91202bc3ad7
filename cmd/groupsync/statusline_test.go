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
		{"written lines replace it, and it is shown again below", func() { s.Write([]byte("log\n")) }, "\x1b[Klog\n3/7 rows\r"},
		{"a line may end before the last column", func() { s.set("3/7 42%  waiting for") }, "\x1b[K3/7 42%\r"},
		{"a part that does not fit is omitted", func() { s.set("3/7 42%  9.9/s  123") }, "\x1b[K3/7 42%  9.9/s  123\r"},
		{"a narrower terminal has wrapped it, and shows less", func() { width = 10; s.Write(nil) }, "\x1b[J3/7 42%\r"},
		{"a terminal without room shows nothing", func() { width = 3; s.Write(nil) }, "\x1b[J"},
		{"a wider terminal shows all of it", func() { width = 80; s.Write(nil) }, "3/7 42%  9.9/s  123\r"},
		{"an empty text erases it", func() { s.set("") }, "\x1b[K"},
		{"without a status line, only written lines are shown", func() { s.Write([]byte("log\n")) }, "log\n"},
		{"a terminal without escape codes gets none", func() { width = 80; s.escapes = false; s.set("3/7") }, "3/7\r"},
		{"there, spaces overwrite the line", func() { s.Write([]byte("log\n")) }, "   \rlog\n3/7\r"},
		{"there, spaces erase it too", func() { s.set("") }, "   \r"},
	}
	for _, step := range steps {
		out.Reset()
		step.do()
		if out.String() != step.want {
			t.Errorf("%s:\n got %q\nwant %q", step.name, out.String(), step.want)
		}
	}
}
