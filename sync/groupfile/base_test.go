package groupfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"groupsync/ecwid"

	"github.com/google/go-cmp/cmp"
)

const resultsColumns = "line,groupId,name,externalReferenceId,status,updateCount,httpStatus,attempts,error,storeId\n"

// summarizeBaseRow returns the group and the values of a row in a base.
func summarizeBaseRow(row Row) string {
	id, u := row.ID, row.Update
	if row.Unsendable != nil {
		id, u = row.Unsendable.ID, row.Unsendable.Update
	}
	text := fmt.Sprintf("%d%s", id, row.Key)
	for _, value := range []ecwid.OptionalString{u.Name, u.ExternalReferenceID} {
		if value.IsZero() {
			text += " -"
		} else {
			text += fmt.Sprintf(" %q", value.Value())
		}
	}
	return text
}

func TestOpenBase(t *testing.T) {
	for _, c := range []struct {
		name, file string
		options    ReaderOptions
		want       []string
		err        string
	}{
		{
			"a pull, with an empty external id",
			"groupId,name,externalReferenceId\n1,A,x\n2,B,\n",
			ReaderOptions{},
			[]string{`1 "A" "x"`, `2 "B" ""`},
			"",
		},
		{
			"no column externalReferenceId",
			"groupId,name\n1,A\n2,\n",
			ReaderOptions{},
			[]string{`1 "A" -`},
			"",
		},
		{
			"results: only good rows count, and their empty cells are unknown",
			resultsColumns + "2,1,A,,updated,1,200,1,,1003\n3,2,,y,unchanged,,,0,,1003\n4,3,C,z,failed,,422,1,no,1003\n5,4,D,z,conflict,,,0,no,1003\n6,x,,,invalid,,,0,no,1003\n",
			ReaderOptions{},
			[]string{`1 "A" -`, `2 - "y"`},
			"",
		},
		{
			"results of a run that was killed",
			resultsColumns + "2,1,A,,updated,1,200,1,,1003\n3,2,B",
			ReaderOptions{},
			[]string{`1 "A" -`},
			"",
		},
		{
			"results of another store",
			resultsColumns + "2,1,A,,updated,1,200,1,,99\n",
			ReaderOptions{},
			nil, `base.csv: line 2 belongs to store "99", not to store "1003"`,
		},
		{
			"the default group, and a value that cannot be sent",
			"groupId,name,externalReferenceId\n0,General,\n1,\"A\tB\",x\n",
			ReaderOptions{},
			[]string{`1 "A\tB" "x"`},
			"",
		},
		{
			"a row with an invalid id",
			"groupId,name\n1,A\nVIP,B\n",
			ReaderOptions{},
			nil, `base.csv: line 3: groupId: "VIP" is not a number: a group id consists of digits only`,
		},
		{
			"no column groupId",
			"name,externalReferenceId\nA,x\n",
			ReaderOptions{},
			nil, "base.csv: line 1: there is no column groupId",
		},
		{
			"no column groupId, and a key",
			"name,externalReferenceId\nA,x\n",
			ReaderOptions{Key: ColumnName},
			[]string{`0A - "x"`},
			"",
		},
		{
			"a column groupId, and a key",
			"groupId,name,externalReferenceId\n1,A,x\n",
			ReaderOptions{Key: ColumnName},
			[]string{`1 "A" "x"`},
			"",
		},
		{
			"a column in the options that the base has under its own name",
			"groupId,name\n1,A\n",
			ReaderOptions{Columns: map[string]string{ColumnName: "Kundengruppe"}},
			[]string{`1 "A" -`},
			"",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.options.Name = "base.csv"
			base, err := OpenBase(t.Context(), strings.NewReader(c.file), c.options, "1003")
			if err != nil || c.err != "" {
				if c.err == "" || err == nil || !strings.HasPrefix(err.Error(), c.err) {
					t.Fatalf("the error is %v, want %q", err, c.err)
				}
				return
			}
			defer base.Close()
			for range 2 {
				var got []string
				for row, err := range base.Rows() {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, summarizeBaseRow(row))
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// If a workbook has a hidden sheet with the pulled values, its first sheet does not count.
func TestOpenBaseWorkbook(t *testing.T) {
	pulled := time.Date(2026, 11, 23, 20, 14, 0, 0, time.UTC)
	var file bytes.Buffer
	groups := []ecwid.CustomerGroup{{ID: 1, Name: "A\r\nB", ExternalReferenceID: "007"}, {ID: 2, Name: "C"}}
	if err := WriteWorkbook(&file, groups, &Origin{StoreID: "1003", Pulled: pulled}); err != nil {
		t.Fatal(err)
	}
	o := ReaderOptions{Name: "base.xlsx"}
	base, err := OpenBase(t.Context(), bytes.NewReader(file.Bytes()), o, "1003")
	if err != nil {
		t.Fatal(err)
	}
	defer base.Close()
	var got []string
	for row, err := range base.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, summarizeBaseRow(row))
	}
	if diff := cmp.Diff([]string{`1 "A\r\nB" "007"`, `2 "C" ""`}, got); diff != "" || !base.Pulled().Equal(pulled) {
		t.Error(diff, base.Pulled())
	}
	_, err = OpenBase(t.Context(), bytes.NewReader(file.Bytes()), o, "99")
	if other, ok := errors.AsType[*StoreError](err); !ok || other.StoreID != "1003" || other.Want != "99" {
		t.Errorf("the error is %v", err)
	}
}
