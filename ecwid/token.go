package ecwid

import (
	"errors"
	"fmt"
	"strings"
)

// Token is an access token of one app in one store. However it is printed, it does not show itself.
type Token struct {
	// A pointer, because fmt prints the fields of a struct that it reaches through an unexported one.
	secret *string
}

// NewToken checks a token as far as that is possible without a request. A "public_" token is refused:
// it cannot write, and Ecwid blocks an address that keeps sending tokens that do not work.
func NewToken(s string) (Token, error) {
	switch {
	case s == "":
		return Token{}, errors.New("the token is empty")
	case strings.HasPrefix(s, "public_"):
		return Token{}, errors.New("the token begins with public_: such a token cannot change anything, take the one that begins with secret_")
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }):
		return Token{}, errors.New("the token holds a blank, a line break or another character that no token has: was more than the token copied?")
	}
	return Token{secret: &s}, nil
}

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.secret == nil }

// Format prints a placeholder, whatever the verb.
func (t Token) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[token]") }

// MarshalText gives the placeholder, for JSON and its kin.
func (t Token) MarshalText() ([]byte, error) { return []byte("[token]"), nil }

// redact takes the token out of what a server said.
func (t Token) redact(s string) string { return strings.ReplaceAll(s, *t.secret, "[token]") }
