package sync

import (
	"fmt"
	"testing"
)

// Only the newest entries are kept, and the newest entry of a group counts, whenever the index is made.
func TestOwners(t *testing.T) {
	const more = 10 // entries than are kept
	for name, early := range map[string]bool{"an index from the start": true, "an index at the end": false} {
		t.Run(name, func(t *testing.T) {
			q := newQueue(0)
			index := func() {
				for _, entry := range q.owners.index() {
					q.change(entry)
				}
			}
			dropped := more
			if early {
				index()
				dropped-- // the entry of a group whose id is unknown takes no room
			}
			for i := 1; i <= maxOwners+more; i++ {
				group := i
				switch i {
				case maxOwners - 1, maxOwners + 3: // in this order, although the second replaces an older entry
					group = 1
				case maxOwners - 2: // its first entry is dropped later
					group = 2
				case maxOwners + 5:
					q.record(owner{group: 3, unknown: true})
					continue
				}
				q.record(owner{group: int32(group), id: fmt.Sprint("id-", i)})
			}
			if !early {
				index()
			}
			for id, want := range map[string]int32{
				fmt.Sprint("id-", dropped):     0,
				fmt.Sprint("id-", dropped+1):   int32(dropped + 1),
				fmt.Sprint("id-", maxOwners-2): 2,
				fmt.Sprint("id-", maxOwners-1): 0, // group 1 has another id
				fmt.Sprint("id-", maxOwners+3): 1,
				"id-3":                         0,
			} {
				if got, ok := q.owners.of(id); got.group != want || ok != (want != 0) {
					t.Errorf("%s belongs to group %d, %v, want %d", id, got.group, ok, want)
				}
			}
			if n, want := len(q.owners.byGroup), maxOwners-2+more-dropped; n != want {
				t.Errorf("the index has %d groups, want %d", n, want)
			}
			if q.lastRelease != maxOwners+more {
				t.Errorf("the last release of an unknown id is entry %d, want %d", q.lastRelease, maxOwners+more)
			}
		})
	}
}

// A release counts for a row in flight only if its PUT was sent before it.
func TestRelease(t *testing.T) {
	for name, number := range map[string]int{"before the PUT": 4, "after the PUT": 5} {
		q := newQueue(0)
		inFlight := &task{seq: 1}
		inFlight.wants, inFlight.sentAfter = "id", 4
		q.ids["id"] = []*task{inFlight}
		q.owners.index()
		q.change(owner{group: 2, id: "id", number: 1})
		q.change(owner{group: 2, id: "other", number: number})
		if inFlight.released != (number > 4) {
			t.Errorf("%s: released is %v", name, inFlight.released)
		}
		if q.lastRelease != 1 {
			t.Errorf("%s: the last release of an unknown id is entry %d, want 1", name, q.lastRelease)
		}
		q.change(owner{group: 2, unknown: true, number: 6})
		if q.lastRelease != 6 {
			t.Errorf("%s: a row that may have been applied counts as no release", name)
		}
	}
}
