package groupfile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStatusFilter(t *testing.T) {
	const head = "line,groupId,name,externalReferenceId,status,error\n"
	tests := []struct {
		name     string
		in       string
		statuses []string
		want     []int // lines
	}{
		{"all rows are read without statuses", head + "2,1,A,,updated,\n3,2,B,,failed,x\n", nil, []int{2, 3}},
		{"rows of other statuses are skipped", head + "2,1,A,,updated,\n3,2,B,,failed,x\n4,3,C,,invalid,y\n", []string{"failed"}, []int{3}},
		{"two statuses", head + "2,1,A,,updated,\n3,2,B,,failed,x\n4,3,C,,invalid,y\n", []string{"failed", "invalid"}, []int{3, 4}},
		{"case and spaces do not matter", head + "2,1,A,, Failed ,\n", []string{"failed"}, []int{2}},
		{"a row without a status is skipped", head + "2,1,A,,,\n", []string{"failed"}, nil},
		{"a row that cannot be read is not skipped", head + "2,1, \"b,,updated,\n", []string{"failed"}, []int{2}},
		{"a row without the cell is skipped", head + "2,1\n", []string{"failed"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, err := NewReader(t.Context(), strings.NewReader(test.in), ReaderOptions{Name: "in.csv", statuses: test.statuses})
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			for row, err := range r.All() {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, row.Line)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the lines differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatusFilterNeedsResults(t *testing.T) {
	_, err := NewReader(t.Context(), strings.NewReader("groupId,name\n1,A\n"), ReaderOptions{Name: "in.csv", statuses: []string{"failed"}})
	if err == nil || !strings.Contains(err.Error(), "not a results file") {
		t.Errorf("the error is %v", err)
	}
}
