package csvrecord

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// split reads all records of an input. Each is returned as its line and its bytes, or as its line, "!" and why
// it is broken. The error is that of the stream.
func split(in io.Reader, limit int) (got []string, r *Reader, err error) {
	r = NewReader(in, ',', limit)
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return got, r, nil
		}
		if err != nil {
			return got, r, err
		}
		if rec.Broken != "" {
			got = append(got, fmt.Sprintf("%d !%s", rec.Line, rec.Broken))
		} else {
			got = append(got, fmt.Sprintf("%d %q", rec.Line, rec.Data))
		}
	}
}

func TestRecords(t *testing.T) {
	const (
		unclosed  = "!a quote is opened but not closed"
		leading   = "!there are spaces before the opening quote of a cell: remove them"
		trailing  = "!text follows the closing quote of a cell: double the quotes inside a cell"
		tooLong   = "!the row is longer than 16 bytes"
		notClosed = tooLong + ": is a quote not closed?"
	)
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		// An empty stream has no records.
		{"empty", "", nil},
		// Both line ends may occur in one file.
		{"line ends", "a,b\nc\r\nd\n", []string{`1 "a,b\n"`, `2 "c\r\n"`, `3 "d\n"`}},
		// The last line end may be missing.
		{"no last line end", "a\nb", []string{`1 "a\n"`, `2 "b\n"`}},
		// A carriage return before the end of the file is half a line end.
		{"half a line end", "a\r", []string{`1 "a\r\n"`}},
		// Blank lines count as lines, but are not records.
		{"blank lines", "\n\r\na\n\n\nb\n\r", []string{`3 "a\n"`, `6 "b\n"`}},
		// A line of spaces is a record of one blank cell, as in encoding/csv.
		{"line of spaces", " \n\r\r\n", []string{`1 " \n"`, `2 "\r\r\n"`}},
		// A quoted cell may contain delimiters, line ends and doubled quotes.
		{"quotes", "\"a,\"\"b\"\"\r\n\n\",c\nd\n", []string{`1 "\"a,\"\"b\"\"\r\n\n\",c\n"`, `4 "d\n"`}},
		// A quoted cell may end the file.
		{"quote at the end", `"a"`, []string{`1 "\"a\"\n"`}},
		// A quote after spaces breaks only its line.
		{"quote after spaces", "a, \"b\nc\n", []string{"1 " + leading, `2 "c\n"`}},
		// A quote inside an unquoted cell is literal.
		{"literal quote", "5\" pipe,a \"b\nc\n", []string{`1 "5\" pipe,a \"b\n"`, `2 "c\n"`}},
		// Text after a closing quote breaks only its line, even a space,
		{"text after a quote", "\"a\" ,b\nc\n", []string{"1 " + trailing, `2 "c\n"`}},
		// or a carriage return that does not begin a line end.
		{"lone carriage return", "\"a\"\rb\nc\n", []string{"1 " + trailing, `2 "c\n"`}},
		// The closing quote may be lines after the opening one: these lines are read again, as records.
		{"text after a quote on a later line", "\"a\nb\n\"c\nd\n", []string{"1 " + trailing, `2 "b\n"`, "3 " + unclosed, `4 "d\n"`}},
		// An unclosed quote breaks only its line.
		{"unclosed", "a,\"b\nc\nd", []string{"1 " + unclosed, `2 "c\n"`, `3 "d\n"`}},
		// Each of several unclosed quotes breaks its own line.
		{"unclosed twice", "\"a\nb,\"c\nd\n", []string{"1 " + trailing, "2 " + unclosed, `3 "d\n"`}},
		// If the closing quote comes after the longest record ends, the quote counts as unclosed.
		{"unclosed for long", "\"a\nbbbbbbbb\ncccccccc\nd\n", []string{"1 " + notClosed, `2 "bbbbbbbb\n"`, `3 "cccccccc\n"`, `4 "d\n"`}},
		// The longest record: its line end does not count.
		{"longest", "0123456789abcdef\n\"123456789\nbcde\"\nz\n", []string{`1 "0123456789abcdef\n"`, `2 "\"123456789\nbcde\"\n"`, `4 "z\n"`}},
		// One byte more is too long, also at the end of the file,
		{"too long", "0123456789abcdefg\nz\n0123456789abcdefg", []string{"1 " + tooLong, `2 "z\n"`, "3 " + tooLong}},
		// in quotes,
		{"too long in quotes", "\"23456789abcdefg\"\nz\n", []string{"1 " + tooLong, `2 "z\n"`}},
		// and after a quote that is not closed.
		{"too long and broken", "a\"3456789abcdefgh\nz\n", []string{"1 " + tooLong, `2 "z\n"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in)), iotest.DataErrReader(strings.NewReader(tt.in))} {
				got, _, err := split(in, 16)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("%T (-want +got):\n%s", in, diff)
				}
			}
		})
	}
}

// Complete records before a read error are returned, an incomplete one is not, and the error is returned again.
func TestRecordsError(t *testing.T) {
	errDisk := errors.New("the disk failed")
	got, r, err := split(io.MultiReader(strings.NewReader("a\nb\nhalf"), iotest.ErrReader(errDisk)), MaxSize)
	if diff := cmp.Diff([]string{`1 "a\n"`, `2 "b\n"`}, got); diff != "" || !errors.Is(err, errDisk) {
		t.Errorf("error %v, records (-want +got):\n%s", err, diff)
	}
	if _, err := r.Next(); !errors.Is(err, errDisk) {
		t.Errorf("then %v, want the same error", err)
	}
	// The error may come with the last bytes.
	got, _, err = split(withError{strings.NewReader("a\nb\n"), errDisk}, MaxSize)
	if len(got) != 2 || !errors.Is(err, errDisk) {
		t.Errorf("got %q and %v", got, err)
	}
	// A stream that never returns data is an error, not a hang.
	if _, _, err = split(noData{}, MaxSize); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a stream without data: %v", err)
	}
}

type withError struct {
	io.Reader
	err error
}

func (r withError) Read(p []byte) (int, error) {
	n, _ := r.Reader.Read(p)
	return n, r.err
}

type noData struct{}

func (noData) Read([]byte) (int, error) { return 0, nil }

// The memory for records does not grow with the file, regardless of its contents.
func TestRecordsMemory(t *testing.T) {
	const size = 8 << 20
	for name, line := range map[string]string{
		"one line":         strings.Repeat("a", 1<<16),
		"unclosed, 1 line": "\"" + strings.Repeat("a", 1<<16),
		"many lines":       strings.Repeat("a,b\n", 1<<14),
		"quoted":           strings.Repeat("\"a\n\",b\n", 1<<13),
	} {
		in := io.LimitReader(io.MultiReader(strings.NewReader("x,\"\n"), &repeated{line: line}), size)
		r := NewReader(in, ',', MaxSize)
		var err error
		for err == nil {
			_, err = r.Next()
		}
		if err != io.EOF {
			t.Fatal(err)
		}
		if len(r.buf) > MaxSize+BufferSize {
			t.Errorf("%s: the buffer grew to %d bytes", name, len(r.buf))
		}
	}
}

// repeated is a stream that repeats a line forever.
type repeated struct {
	line string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.line[r.at:])
	r.at = (r.at + n) % len(r.line)
	return n, nil
}

// Records and broken lines together cover any input, and are the same however the bytes arrive. An input that
// encoding/csv reads without an error is split into the same records on the same lines.
func FuzzRecords(f *testing.F) {
	for _, s := range []string{
		"", "a,b\n", "a\r\n\r\nb", "\"a\n\"\"b\",c\nd", "a\"b\nc", "\"a\"b\n", "\"a\nb\nc\n", "\r", "\"a\"\r", "\"a\"\r\r\n", "a,\"\r\n\",\r\n,\n",
		strings.Repeat("a", 70) + "\nb\n", "\"" + strings.Repeat("a\n", 40) + "b",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		const limit = 64
		got, r, err := split(bytes.NewReader(in), limit)
		if err != nil {
			t.Fatal(err)
		}
		if r.offset != int64(len(in)) || r.LineNumber != bytes.Count(in, []byte("\n"))+1 {
			t.Errorf("ended at byte %d, line %d", r.offset, r.LineNumber)
		}
		slow, _, _ := split(iotest.OneByteReader(bytes.NewReader(in)), limit)
		if diff := cmp.Diff(got, slow); diff != "" {
			t.Errorf("byte by byte (-at once +byte by byte):\n%s", diff)
		}

		want, wellFormed := csvRecords(in)
		if !wellFormed || len(in) > MaxSize {
			return
		}
		r = NewReader(bytes.NewReader(in), ',', MaxSize)
		for _, w := range want {
			rec, err := r.Next()
			if err != nil || rec.Broken != "" {
				t.Fatalf("line %d: %v, %s", w.line, err, rec.Broken)
			}
			cells, err := csv.NewReader(bytes.NewReader(rec.Data)).Read()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(w.cells, cells); diff != "" || rec.Line != w.line || rec.Count != len(w.cells) {
				t.Errorf("line %d, want %d; %d cells (-encoding/csv +ours):\n%s", rec.Line, w.line, rec.Count, diff)
			}
		}
		if rec, err := r.Next(); err != io.EOF {
			t.Errorf("got one more record: %q, %v", rec.Data, err)
		}
	})
}

type csvRecord struct {
	line  int
	cells []string
}

// csvRecords returns the records that encoding/csv reads, and whether it reads the whole input without an error.
func csvRecords(in []byte) (all []csvRecord, wellFormed bool) {
	r := csv.NewReader(bytes.NewReader(in))
	r.FieldsPerRecord = -1
	for {
		cells, err := r.Read()
		if err != nil {
			return all, err == io.EOF
		}
		line, _ := r.FieldPos(0)
		all = append(all, csvRecord{line, cells})
	}
}
