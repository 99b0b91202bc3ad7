package plan

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A valueIndex is a map of lists that has an entry only for values that groups have.
func TestValueIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, model, values := newValueIndex(), map[string][]int32{}, map[int32]string{}
		for range rapid.IntRange(0, 30).Draw(t, "changes") {
			id := rapid.Int32Range(0, 4).Draw(t, "group")
			if old, ok := values[id]; ok {
				v.remove(old, id)
				model[old] = slices.DeleteFunc(model[old], func(other int32) bool { return other == id })
			}
			value := rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "value")
			v.add(value, id)
			model[value], values[id] = append(model[value], id), value
		}
		entries := 0
		for value, want := range model {
			if got := v.groups(value); !slices.Equal(got, want) {
				t.Errorf("%q: got the groups %d, want %d", value, got, want)
			}
			if len(want) > 0 {
				entries++
			}
		}
		if got := len(v.one) + len(v.many); got != entries {
			t.Errorf("the index has %d entries for %d values", got, entries)
		}
	})
}
