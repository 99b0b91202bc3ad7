package ecwid

import "encoding/json"

// OptionalString is a string field of a request: absent (the zero value), a string, or null.
// Use it with the option omitzero in the json tag.
type OptionalString struct {
	set   bool
	null  bool
	value string
}

// String returns a field with the value s.
func String(s string) OptionalString { return OptionalString{set: true, value: s} }

// Null returns a field with the value null, which clears it in the store.
func Null() OptionalString { return OptionalString{set: true, null: true} }

// IsZero reports whether the field is absent.
func (s OptionalString) IsZero() bool { return !s.set }

// Value returns the string, or "" if the field is null or absent.
func (s OptionalString) Value() string { return s.value }

// MarshalJSON returns the JSON string, or null.
func (s OptionalString) MarshalJSON() ([]byte, error) {
	if s.null || !s.set {
		return []byte("null"), nil
	}
	return json.Marshal(s.value)
}
