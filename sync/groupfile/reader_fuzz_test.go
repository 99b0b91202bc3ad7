package groupfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"groupsync/ecwid"

	"github.com/google/go-cmp/cmp"
)

// FuzzReader checks that any input gives rows or an error, with messages that are printable and short.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"groupId,name,externalReferenceId\n", "groupId,name\r\n1,a\r\n", "name,groupId\n\"a\n\",1,,\n\xfc,2\nb,3,c\n",
		"\ufeffGROUP_ID,external-reference id,x\n 0012 ,0017\n1e3,\"\"\"\"\n\"", "groupId,name\n2147483648,a\n1,\"\x00\"\n1,\u3000\n",
	} {
		for flags := range uint8(8) {
			f.Add([]byte(s), flags)
		}
	}
	encodings := []string{"", "windows-1252", "utf-16le", "shift_jis"}
	f.Fuzz(func(t *testing.T, in []byte, flags uint8) {
		r, err := NewReader(t.Context(), bytes.NewReader(in), ReaderOptions{
			Name: "groups.csv", ClearBlank: flags&1 > 0, Tidy: flags&2 > 0, Encoding: encodings[flags>>2%4],
		})
		if err != nil {
			if _, ok := errors.AsType[*InputError](err); !ok {
				t.Errorf("error %T: %v", err, err)
			}
			checkMessage(t, err)
			return
		}
		line := 0
		for row, err := range r.All() {
			if err != nil {
				t.Fatal(err)
			}
			if row.Line <= line {
				t.Errorf("line %d after %d", row.Line, line)
			}
			line = row.Line
			if row.Err == nil {
				if row.ID < 1 || row.Update == (ecwid.CustomerGroupUpdate{}) || row.Update.Name.Value() == "" && !row.Update.Name.IsZero() {
					t.Errorf("row %+v", row)
				}
				continue
			}
			if _, ok := errors.AsType[*RowError](row.Err); !ok || row.ID != 0 || row.Update != (ecwid.CustomerGroupUpdate{}) {
				t.Errorf("row %+v", row)
			}
			if strings.Contains(row.Err.Error(), "parse error") {
				t.Errorf("encoding/csv refuses a record that csvrecord accepts: %v", row.Err)
			}
			checkMessage(t, row.Err)
		}
	})
}

// FuzzWellFormed checks that a file that encoding/csv accepts is read as encoding/csv reads it.
func FuzzWellFormed(f *testing.F) {
	f.Add("1,a,b\n2,\"c\n\"\"d\",e\r\n\n,,\n3,ü")
	f.Add("1;2,\t|\n\" \",\"\",\r\n")
	f.Fuzz(func(t *testing.T, body string) {
		in := csv.NewReader(strings.NewReader(body))
		in.FieldsPerRecord = -1
		records, err := in.ReadAll()
		if err != nil || !utf8.ValidString(body) {
			return
		}
		var want, got []Cells
		for _, cells := range records {
			filled := func(c string) bool { return !IsBlank(c) }
			switch {
			case slices.ContainsFunc(cells[min(3, len(cells)):], filled): // too many cells
				want = append(want, Cells{GroupID: cells[0]})
			case slices.ContainsFunc(cells, filled):
				cells = append(cells, "", "")
				want = append(want, Cells{cells[0], cells[1], cells[2]})
			}
		}
		for _, row := range readAll(t, "groupId,name,externalReferenceId\n"+body, ReaderOptions{}) {
			got = append(got, row.Cells)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-encoding/csv +Reader):\n%s", body, diff)
		}
	})
}

func checkMessage(t *testing.T, err error) {
	t.Helper()
	s := err.Error()
	if len(s) > 5000 || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("message %q", s)
	}
}
