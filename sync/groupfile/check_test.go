package groupfile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckInput(t *testing.T) {
	const head = "groupId,name,externalReferenceId\n"
	for _, c := range []struct {
		name, in  string
		options   ReaderOptions
		repeated  []Repeated
		conflicts []Repeated
		counts    string // sendable, invalid, blank, conflicting, untidy
	}{
		{name: "in order", in: head + "1,a,x\n2,b,y\n\n,,\n", counts: "2 0 2 0 0"},
		{name: "a group in several rows", in: head + "1,a,\n2,b,\n01,c,\n1,d,\n", repeated: []Repeated{{"1", []int{2, 4, 5}}}, counts: "4 0 0 0 0"},
		{
			name: "a group in many rows", in: head + strings.Repeat("1,a,\n", 50),
			repeated: []Repeated{{"1", []int{2, 3, 4, 5, 6}}}, counts: "50 0 0 0 0",
		},
		// The first group keeps the id.
		{name: "an id in several groups", in: head + "1,a,x\n2,b,x\n3,c,x\n", conflicts: []Repeated{{"x", []int{2, 3, 4}}}, counts: "3 0 0 2 0"},
		// The first group releases the id: earlier, later, or by an empty cell with ClearBlank.
		{name: "released before", in: head + "1,,x\n1,,y\n2,,x\n", repeated: []Repeated{{"1", []int{2, 3}}}, counts: "3 0 0 0 0"},
		{name: "released after", in: head + "1,,x\n2,,x\n1,,y\n", repeated: []Repeated{{"1", []int{2, 4}}}, counts: "3 0 0 0 0"},
		{name: "cleared after", in: head + "1,,x\n2,,x\n1,,\n", options: ReaderOptions{ClearBlank: true}, repeated: []Repeated{{"1", []int{2, 4}}}, counts: "3 0 0 0 0"},
		// An empty cell keeps the id.
		{name: "kept", in: head + "1,a,x\n2,b,x\n1,c,\n", repeated: []Repeated{{"1", []int{2, 4}}}, conflicts: []Repeated{{"x", []int{2, 3}}}, counts: "3 0 0 1 0"},
		// If the second group releases the id, it still belongs to the first.
		{name: "released by the second group", in: head + "1,,x\n2,,x\n2,,y\n", repeated: []Repeated{{"2", []int{3, 4}}}, conflicts: []Repeated{{"x", []int{2, 3}}}, counts: "3 0 0 1 0"},
		{name: "the same id in the same group", in: head + "1,,x\n1,,x\n", repeated: []Repeated{{"1", []int{2, 3}}}, counts: "2 0 0 0 0"},
		{name: "invalid rows assign nothing", in: head + "x,,e\n2,,e\n", counts: "1 1 0 0 0"},
		{name: "untidy", in: head + "1, a,\n2,b,\u00a0x\n3,e\u0301,y\n4,é,z\n", counts: "4 0 0 0 3"},
		{name: "with a key", in: "name,externalReferenceId\na,x\nb,y\na,z\n", options: ReaderOptions{Key: "name"}, repeated: []Repeated{{"a", []int{2, 4}}}, counts: "3 0 0 0 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.options.Name = "groups.csv"
			in, err := NewReader(t.Context(), strings.NewReader(c.in), c.options)
			if err != nil {
				t.Fatal(err)
			}
			got, err := CheckInput(in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.repeated, got.Repeated); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.conflicts, got.Conflicts); diff != "" {
				t.Error(diff)
			}
			if counts := fmt.Sprint(got.Sendable, got.Invalid, got.Blank, got.Conflicting, got.Untidy); counts != c.counts {
				t.Errorf("the counts are %s, want %s", counts, c.counts)
			}
		})
	}
}
