package journal

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

const resultsHeader = "line,groupId,name,externalReferenceId,status,updateCount,httpStatus,attempts,error,storeId\n"

func TestRecords(t *testing.T) {
	const first = "2,1,VIP,erp-1,updated,1,200,1,,1003\n"
	for _, c := range []struct{ name, in, want, err string }{
		{"empty", "", "", ""},
		{"a torn header", resultsHeader[:20], "", ""},
		{"a header", resultsHeader, "", ""},
		{"a record", resultsHeader + first, "2 updated VIP", ""},
		{"with a byte order mark and semicolons", "\ufeff" + strings.ReplaceAll(resultsHeader+first, ",", ";"), "2 updated VIP", ""},
		{"a torn record", resultsHeader + first + `3,1,"VI`, "2 updated VIP", ""},
		{"a record without its line end", resultsHeader + first + "3,1,VIP,,updated,1,200,1,,10", "2 updated VIP", ""},
		{"a line end inside a cell", resultsHeader + strings.Replace(first, "VIP", "\"V\nP\"", 1), "2 updated V\nP", ""},
		{"another file", "groupId,name\n1,VIP\n", "", "this is not a results file of groupsync"},
		{"another file, torn", "groupId,na", "", "this is not a results file of groupsync"},
		{"another status", resultsHeader + first + strings.Replace(first, "updated", "done", 1), "2 updated VIP", `line 3: this is not a record that groupsync wrote: line "2", status "done"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, message := "", ""
			for r, err := range Records(strings.NewReader(c.in)) {
				if err != nil {
					message = err.Error()
					continue
				}
				got += r.Line + " " + string(r.Status) + " " + r.Name
			}
			if got != c.want || message != c.err {
				t.Errorf("got %q, error %q; want %q, error %q", got, message, c.want, c.err)
			}
		})
	}
}

func TestRecordsReadError(t *testing.T) {
	gone := errors.New("the disk is gone")
	for _, err := range Records(iotest.ErrReader(gone)) {
		if !errors.Is(err, gone) {
			t.Errorf("got %v, want %v", err, gone)
		}
	}
}
