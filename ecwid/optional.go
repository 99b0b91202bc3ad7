package ecwid

// OptionalString is a string field of a request: absent (the zero value), a string, or null.
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

// pointer returns nil if the field is absent, a nil *string if it is null, and otherwise a pointer to the string.
func (s *OptionalString) pointer() any {
	switch {
	case !s.set:
		return nil
	case s.null:
		return (*string)(nil)
	}
	return &s.value
}
