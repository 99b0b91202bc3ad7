package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"

	"groupsync/ecwid"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
)

// Entry is what a run would do with one row.
type Entry struct {
	// Row is the row. With a base, its Update has only the values that would be sent.
	groupfile.Row
	// Status is the status that the row would get: Updated if its PUT would be sent.
	Status journal.Status
	// Reason says why the row would not be good.
	Reason string
	// Before is what is known of the row's group before the row is applied.
	Before ecwid.CustomerGroup
	// Cleared is the group whose external id would be cleared first, by a PUT of its own, because a later row of that
	// group releases it; nil: none.
	Cleared *ecwid.CustomerGroup
	// Notes are what a person should check before the row is sent.
	Notes []string
}

// FieldChange is a field of a group before and after a row.
type FieldChange struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Changes returns the fields that the row would change.
func (e Entry) Changes() []FieldChange {
	var changes []FieldChange
	if e.Status != journal.Updated {
		return nil
	}
	after := e.Update.Applied(e.Before)
	if after.Name != e.Before.Name {
		changes = append(changes, FieldChange{groupfile.ColumnName, e.Before.Name, after.Name})
	}
	if after.ExternalReferenceID != e.Before.ExternalReferenceID {
		changes = append(changes, FieldChange{groupfile.ColumnExternalID, e.Before.ExternalReferenceID, after.ExternalReferenceID})
	}
	return changes
}

// Totals sums up a plan.
type Totals struct {
	// Groups is the number of the store's groups, without the default one.
	Groups int
	// Rows counts the rows by the status that they would get.
	Rows map[journal.Status]int
	// Puts is the number of PUTs. It includes Clears, the PUTs that clear an external id before it moves to another group.
	Puts, Clears int
	// Noted is the number of rows with notes.
	Noted int
	// Digest identifies the PUTs, what each of them changes, the store and the base.
	Digest string
	// Requests is the number of requests that were sent to make the plan.
	Requests int
}

// Good reports whether every row would be good.
func (t Totals) Good() bool { return journal.AllGood(t.Rows) }

// Compute makes the plan of a run that skips unchanged rows, and calls each for every entry. It skips the rows that
// are settled. If limit is not 0, rows after the first limit rows count only for the digest.
func Compute(in *groupfile.Reader, s *Simulation, storeID string, settled func(line int) bool, limit int, each func(Entry) error) (Totals, error) {
	t := Totals{Groups: s.store.count(), Rows: map[journal.Status]int{}}
	digest := sha256.New()
	fmt.Fprintf(digest, "%q\n", storeID)
	s.base.hash(digest)
	notes := newNotes(s.store)
	seq := 0
	for row, err := range in.All() {
		if err != nil {
			return t, err
		}
		if settled(row.Line) {
			continue
		}
		seq++
		entry, change := s.entry(row, seq)
		if entry.Cleared != nil {
			hashPut(digest, *entry.Cleared, ClearID())
		}
		if entry.Status == journal.Updated {
			hashPut(digest, entry.Before, entry.Update)
		}
		if limit > 0 && seq > limit {
			continue
		}
		if row.Err == nil {
			entry.Notes = notes.forEntry(entry, change.Action)
		}
		t.count(entry)
		if err := each(entry); err != nil {
			return t, err
		}
	}
	t.Puts += t.Clears
	t.Digest = hex.EncodeToString(digest.Sum(nil)[:12])
	return t, nil
}

// entry applies the next row, which is the seq-th of the plan, and returns its entry.
func (s *Simulation) entry(row groupfile.Row, seq int) (Entry, Change) {
	e := Entry{Row: row, Status: journal.Updated}
	if row.Err != nil {
		d := DecideInvalid(s.WithoutUnchanged(row), s.store)
		e.Status, e.Reason = d.Status, d.Reason
		if row.Unsendable != nil {
			e.Before = s.store.group(row.Unsendable.ID)
		}
		return e, Change{}
	}
	e.Before = s.store.group(row.ID)
	var holder ecwid.CustomerGroup
	if state := s.store.Lookup(row); state.taken {
		holder = s.store.group(state.holder)
	}
	_, state, change := s.Next(row, seq)
	if s.base != nil {
		e.Update = change.Differing
	}
	if d, ok := change.Decide(row, state); ok {
		e.Status, e.Reason = d.Status, d.Reason
	}
	if change.Action == ClearAndPut {
		e.Cleared = &holder
	}
	return e, change
}

// count adds an entry.
func (t *Totals) count(e Entry) {
	t.Rows[e.Status]++
	if e.Status == journal.Updated {
		t.Puts++
	}
	if e.Cleared != nil {
		t.Clears++
	}
	if len(e.Notes) > 0 {
		t.Noted++
	}
}

// hashPut adds a PUT to a digest, with the values that it would replace.
func hashPut(digest hash.Hash, before ecwid.CustomerGroup, u ecwid.CustomerGroupUpdate) {
	var old ecwid.CustomerGroupUpdate
	if !u.Name.IsZero() {
		old.Name = ecwid.String(before.Name)
	}
	if !u.ExternalReferenceID.IsZero() {
		old.ExternalReferenceID = ecwid.String(before.ExternalReferenceID)
	}
	line, err := json.Marshal([]any{before.ID, old, u})
	if err != nil {
		panic(err) // a number and strings can always be encoded
	}
	digest.Write(append(line, '\n'))
}
