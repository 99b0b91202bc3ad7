package ecwid

import "encoding/json"

// CustomerGroup is a customer group as the store holds it.
type CustomerGroup struct {
	ID   int32  `json:"id"`
	Name string `json:"name"`
	// ExternalReferenceID is "" when the store has none: Ecwid leaves an unset one out.
	ExternalReferenceID string `json:"externalReferenceId"`
}

// CustomerGroupUpdate is the body of a PUT: the fields that are set, and no others.
// An absent field keeps its value in the store.
type CustomerGroupUpdate struct {
	Name                Text `json:"name,omitzero"`
	ExternalReferenceID Text `json:"externalReferenceId,omitzero"`
}

// Text is a string field of a request: absent (its zero value), a string, or null.
type Text struct {
	set   bool
	null  bool
	value string
}

// String is the field set to s.
func String(s string) Text { return Text{set: true, value: s} }

// Null is the field set to null, which clears it in the store.
func Null() Text { return Text{set: true, null: true} }

// IsZero reports whether the field is absent.
func (t Text) IsZero() bool { return !t.set }

// Value is the string that the store holds once the field is sent: "" for null.
func (t Text) Value() string { return t.value }

// MarshalJSON writes the string or null.
func (t Text) MarshalJSON() ([]byte, error) {
	if t.null {
		return []byte("null"), nil
	}
	return json.Marshal(t.value)
}

// Changes reports whether the update would change the group.
func (u CustomerGroupUpdate) Changes(g CustomerGroup) bool {
	return u.Name.set && u.Name.value != g.Name ||
		u.ExternalReferenceID.set && u.ExternalReferenceID.value != g.ExternalReferenceID
}

// Applied is the group once it has taken the update.
func (u CustomerGroupUpdate) Applied(g CustomerGroup) CustomerGroup {
	if u.Name.set {
		g.Name = u.Name.value
	}
	if u.ExternalReferenceID.set {
		g.ExternalReferenceID = u.ExternalReferenceID.value
	}
	return g
}
