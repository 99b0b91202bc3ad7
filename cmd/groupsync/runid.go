package main

import (
	"crypto/rand"
	"encoding/hex"
)

// requestIDLength is the number of characters of the id of a run that Ecwid gets with each request.
const requestIDLength = 8

// newRunID returns an id by which a run is found in its log lines, in its summary and at Ecwid's support.
func newRunID() string {
	id := make([]byte, 8)
	rand.Read(id) // never fails
	return hex.EncodeToString(id)
}
