package plan

import "slices"

// valueIndex finds groups by a value: by their names or by their external ids. Most values belong to one group: a list
// for each of them would take much memory.
type valueIndex struct {
	one  map[string]int32
	many map[string][]int32 // for values that several groups have, or had
}

func newValueIndex() valueIndex {
	return valueIndex{one: map[string]int32{}, many: map[string][]int32{}}
}

// groups returns the groups that have a value, in the order in which they were added.
func (v valueIndex) groups(value string) []int32 {
	if id, ok := v.one[value]; ok {
		return []int32{id}
	}
	return v.many[value]
}

// add records that a group has a value.
func (v valueIndex) add(value string, id int32) {
	if ids := v.groups(value); len(ids) > 0 {
		delete(v.one, value)
		v.many[value] = append(ids, id)
		return
	}
	v.one[value] = id
}

// remove records that a group no longer has a value that it had. It leaves no entry for a value that no group has.
func (v valueIndex) remove(value string, id int32) {
	ids := slices.DeleteFunc(v.groups(value), func(other int32) bool { return other == id })
	if len(ids) > 0 {
		v.many[value] = ids
		return
	}
	delete(v.one, value)
	delete(v.many, value)
}
