package journal

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReasons(t *testing.T) {
	r := Reasons{}
	// A good row has no reason.
	r.Add(Updated, "", 2)
	// Quoted values and numbers belong to the row, not to the reason.
	r.Add(Invalid, `groupId: "12.9" is a fraction`, 3)
	r.Add(Failed, "Customer group #17 not found", 4)
	r.Add(Failed, "Customer group #18 not found", 5)
	r.Add(Invalid, `groupId: "say \"no\" 1.5" is a fraction`, 6)
	r.Add(Failed, "Customer group #19 not found", 7)
	// The same message with another status is another reason.
	r.Add(NotUpdated, "Customer group #19 not found", 8)
	// Only the most frequent reasons are returned; of two equally frequent ones, the earlier.
	r.Add(Invalid, "name: it contains a tab", 9)

	want := []Reason{
		{Failed, 3, 4, "Customer group #17 not found"},
		{Invalid, 2, 3, `groupId: "12.9" is a fraction`},
		{NotUpdated, 1, 8, "Customer group #19 not found"},
	}
	if diff := cmp.Diff(want, r.Top()); diff != "" {
		t.Errorf("the reasons differ (-want +got):\n%s", diff)
	}
}

// Of reasons that occur equally often, those of failed rows come first, then the earlier ones.
func TestReasonsEquallyFrequent(t *testing.T) {
	r := Reasons{}
	r.Add(Invalid, "name: it contains a tab", 2)
	r.Add(NotUpdated, "the store did not update it", 3)
	r.Add(Invalid, "name: it is too long", 4)
	r.Add(Failed, "the name is too long", 5)
	r.Add(Failed, "there is no such group", 6)

	want := []Reason{
		{Failed, 1, 5, "the name is too long"},
		{Failed, 1, 6, "there is no such group"},
		{Invalid, 1, 2, "name: it contains a tab"},
	}
	if diff := cmp.Diff(want, r.Top()); diff != "" {
		t.Errorf("the reasons differ (-want +got):\n%s", diff)
	}
}

// Memory stays bounded however many different reasons there are.
func TestReasonsBounded(t *testing.T) {
	r := Reasons{}
	word := []byte("aaaaa")
	for i := range 5000 {
		for j := range word {
			word[j] = byte('a' + i>>(4*j)&15)
		}
		r.Add(Failed, string(word), i)
	}
	if len(r) != maxReasons {
		t.Errorf("%d reasons are counted, want %d", len(r), maxReasons)
	}
}
