package main

import (
	"crypto/rand"
	"encoding/hex"
)

// requestIDLength is how many characters of the id of a run are sent to Ecwid with each request.
const requestIDLength = 8

// newRunID returns an id that identifies a run in its log lines, in its summary, and for Ecwid's support.
func newRunID() string {
	id := make([]byte, 8)
	rand.Read(id) // never fails
	return hex.EncodeToString(id)
}
