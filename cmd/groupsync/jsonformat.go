package main

import (
	"encoding/json"
	"io"
)

// jsonFormat is the version of the fields of all JSON documents. A field may be added without a change of it; whoever
// removes a field, or changes its type or its meaning, raises it. .github/JSON.md describes the fields.
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
