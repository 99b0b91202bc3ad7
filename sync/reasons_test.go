package sync

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReasons(t *testing.T) {
	r := reasons{}
	// A good row has no reason.
	r.add(Updated, "", 2)
	// What a reason quotes, and its numbers, belong to the row and not to the reason.
	r.add(Invalid, `groupId: "12.9" is a fraction`, 3)
	r.add(Failed, "Customer group #17 not found", 4)
	r.add(Failed, "Customer group #18 not found", 5)
	r.add(Invalid, `groupId: "say \"no\" 1.5" is a fraction`, 6)
	r.add(Failed, "Customer group #19 not found", 7)
	// The same words of another status are another reason.
	r.add(NotUpdated, "Customer group #19 not found", 8)
	// Only the most frequent are named, the earlier of two.
	r.add(Invalid, "name: it holds a tab", 9)

	want := []Reason{
		{Failed, 3, 4, "Customer group #17 not found"},
		{Invalid, 2, 3, `groupId: "12.9" is a fraction`},
		{NotUpdated, 1, 8, "Customer group #19 not found"},
	}
	if diff := cmp.Diff(want, r.top()); diff != "" {
		t.Errorf("the reasons differ (-want +got):\n%s", diff)
	}
}

// Of reasons that occur equally often, those of failed rows are named first, then the earlier ones.
func TestReasonsEquallyFrequent(t *testing.T) {
	r := reasons{}
	r.add(Invalid, "name: it holds a tab", 2)
	r.add(NotUpdated, "the store did not update it", 3)
	r.add(Invalid, "name: it is too long", 4)
	r.add(Failed, "the name is too long", 5)
	r.add(Failed, "there is no such group", 6)

	want := []Reason{
		{Failed, 1, 5, "the name is too long"},
		{Failed, 1, 6, "there is no such group"},
		{Invalid, 1, 2, "name: it holds a tab"},
	}
	if diff := cmp.Diff(want, r.top()); diff != "" {
		t.Errorf("the reasons differ (-want +got):\n%s", diff)
	}
}

// However many reasons a store invents, memory stays bounded.
func TestReasonsBounded(t *testing.T) {
	r := reasons{}
	word := []byte("aaaaa")
	for i := range 5000 {
		for j := range word {
			word[j] = byte('a' + i>>(4*j)&15)
		}
		r.add(Failed, string(word), i)
	}
	if len(r) != maxReasons {
		t.Errorf("%d reasons are told apart, want %d", len(r), maxReasons)
	}
}
