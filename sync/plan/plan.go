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

// Step is what a run that knows the store would do about one row.
type Entry struct {
	groupfile.Row
	// Status is what the row would come to: Updated if its PUT would be sent.
	Status journal.Status
	// Reason says why the row can't be sent.
	Reason string
	// Before is what the row's group would hold at that moment; for a row without a PUT it is as far as known.
	Before ecwid.CustomerGroup
	// Cleared is the group whose external id would be cleared first, by a PUT of its own, because a later row
	// of it gives it up; nil if there is none.
	Cleared *ecwid.CustomerGroup
	// Notes are what is worth a look before it is sent.
	Notes []string
}

// FieldChange is one field of a group, before and after.
type FieldChange struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Changes are the fields that the step would change.
func (s Entry) Changes() []FieldChange {
	var changes []FieldChange
	if s.Status != journal.Updated {
		return nil
	}
	after := s.Update.Applied(s.Before)
	if after.Name != s.Before.Name {
		changes = append(changes, FieldChange{groupfile.ColumnName, s.Before.Name, after.Name})
	}
	if after.ExternalReferenceID != s.Before.ExternalReferenceID {
		changes = append(changes, FieldChange{groupfile.ColumnExternalID, s.Before.ExternalReferenceID, after.ExternalReferenceID})
	}
	return changes
}

// Forecast is what a run would come to.
type Totals struct {
	// Groups is the number of the store's groups, without the default one.
	Groups int
	// Rows counts the rows by what they would come to.
	Rows map[journal.Status]int
	// Puts is the number of PUTs, those included that clear an external id before it goes to another group.
	Puts, Clears int
	// Noted is the number of rows with notes.
	Noted int
	// Digest stands for the PUTs, for what each of them changes, and for the store.
	Digest string
	// Requests is how many were sent to know all this.
	Requests int
}

// Good reports whether every row can be sent, or need not be.
func (f Totals) Good() bool { return journal.AllGood(f.Rows) }

// forecast steps through the unsettled rows of the input as a run would that skips what is unchanged. Rows
// beyond a limit, unless that is 0, go into the digest only.
func Make(in *groupfile.Reader, ahead *Forecast, storeID string, settled func(line int) bool, limit int, each func(Entry) error) (Totals, error) {
	f := Totals{Groups: ahead.store.count(), Rows: map[journal.Status]int{}}
	digest := sha256.New()
	fmt.Fprintf(digest, "%q\n", storeID)
	notes := newNotes(ahead.store)
	seq := 0
	for row, err := range in.All() {
		if err != nil {
			return f, err
		}
		if settled(row.Line) {
			continue
		}
		seq++
		step, change := ahead.step(row, seq)
		if step.Cleared != nil {
			hashPut(digest, *step.Cleared, ClearID)
		}
		if step.Status == journal.Updated {
			hashPut(digest, step.Before, row.Update)
		}
		if limit > 0 && seq > limit {
			continue
		}
		if row.Err == nil {
			step.Notes = notes.of(step, change)
		}
		f.count(step)
		if err := each(step); err != nil {
			return f, err
		}
	}
	f.Puts += f.Clears
	f.Digest = hex.EncodeToString(digest.Sum(nil)[:12])
	return f, nil
}

// step takes the next row, the seq-th of the plan, and says what the run would do about it.
func (f *Forecast) step(row groupfile.Row, seq int) (Entry, Action) {
	step := Entry{Row: row, Status: journal.Updated}
	if row.Err != nil {
		d := DecideInvalid(row, f.store)
		step.Status, step.Reason, step.Before = d.Status, d.Reason, f.store.group(row.Unsendable.ID)
		return step, Put
	}
	step.Before = f.store.group(row.ID)
	var holder ecwid.CustomerGroup
	if now := f.store.Lookup(row); now.taken {
		holder = f.store.group(now.holder)
	}
	_, now, change := f.Next(row, seq)
	if d, ok := change.Decide(row, now); ok {
		step.Status, step.Reason = d.Status, d.Reason
	}
	if change == ClearAndPut {
		step.Cleared = &holder
	}
	return step, change
}

// count adds a step.
func (f *Totals) count(s Entry) {
	f.Rows[s.Status]++
	if s.Status == journal.Updated {
		f.Puts++
	}
	if s.Cleared != nil {
		f.Clears++
	}
	if len(s.Notes) > 0 {
		f.Noted++
	}
}

// hashPut adds a PUT to a digest, with those fields of the group as it was that the PUT sends.
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
		panic(err) // a number and texts
	}
	digest.Write(append(line, '\n'))
}
