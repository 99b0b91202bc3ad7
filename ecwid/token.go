package ecwid

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// redacted replaces the token wherever it would be printed.
const redacted = "[token]"

// Token is an access token of one app in one store. Formatting or encoding it never shows the secret.
type Token struct {
	// It is a pointer because fmt prints the fields of a struct in an unexported field without calling Format.
	secret *string
}

// NewToken checks a token as far as that is possible without a request. It refuses a token that begins with
// "public_": such a token cannot write, and Ecwid blocks an address that keeps sending tokens that do not work.
func NewToken(s string) (Token, error) {
	switch {
	case s == "":
		return Token{}, errors.New("the token is empty")
	case strings.HasPrefix(s, "public_"):
		return Token{}, errors.New("the token begins with public_, and such a token cannot change anything: use the one that begins with secret_")
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }):
		return Token{}, errors.New("the token contains a space, a line break or another character that no token has: you may have copied more than the token")
	}
	return Token{secret: &s}, nil
}

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.secret == nil }

// Format prints a placeholder for every verb.
func (t Token) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// MarshalText returns a placeholder, for JSON and similar formats.
func (t Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// redact returns s with the token replaced, even where it is quoted as in a Go string.
func (t Token) redact(s string) string {
	s = strings.ReplaceAll(s, *t.secret, redacted)
	inQuotes := strconv.Quote(*t.secret)
	return strings.ReplaceAll(s, inQuotes[1:len(inQuotes)-1], redacted)
}

// redactError returns err, or, if its text shows the token, an error with the redacted text alone.
func (t Token) redactError(err error) error {
	text := err.Error()
	if safe := t.redact(text); safe != text {
		return errors.New(safe)
	}
	return err
}
