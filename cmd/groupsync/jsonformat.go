package main

import (
	"encoding/json"
	"io"
)

// jsonFormat is the version of the fields of all JSON documents. It stays the same when a field is added. It must be
// raised when a field is removed, or its type or meaning changes. .github/JSON.md describes the fields.
const jsonFormat = 1

// writeJSON writes a document.
func writeJSON(out io.Writer, document any) {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(document); err != nil {
		panic(err) // structs of strings and numbers, to a buffer
	}
}
