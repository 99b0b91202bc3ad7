package main

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const jsonGolden = "../../testdata/json_format.txt"

// jsonDocuments are the types of all JSON documents, by what prints them.
func jsonDocuments() map[string]reflect.Type {
	return map[string]reflect.Type{
		"sync --summary, termination message": reflect.TypeFor[report](),
		"plan --summary":                      reflect.TypeFor[reportHead](),
		"plan --json, each row":               reflect.TypeFor[entryReport](),
		"plan --json, the last line":          reflect.TypeFor[planEnd](),
		"check --json":                        reflect.TypeFor[checkReport](),
		"doctor --json":                       reflect.TypeFor[doctorReport](),
		"show --json, each row":               reflect.TypeFor[recordReport](),
	}
}

// jsonFields returns a line for each field of a JSON document: its path and its type, as in "input.bytes number or null".
func jsonFields(path string, t reflect.Type, root bool) []string {
	if !root && (t == reflect.TypeFor[reportHead]() || t == reflect.TypeFor[checkReport]()) {
		return nil // documents of their own
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		if t.Kind() == reflect.Slice {
			path += "[]"
		}
		return jsonFields(path, t.Elem(), root)
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return nil
		}
	default:
		return nil
	}
	var lines []string
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Anonymous {
			lines = append(lines, jsonFields(path, field.Type, true)...)
			continue
		}
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		full := strings.TrimPrefix(path+"."+name, ".")
		kind := jsonType(field.Type)
		if options == "omitempty" {
			kind = strings.TrimSuffix(kind, " or null") + ", may be absent"
		}
		lines = append(lines, full+" "+kind)
		lines = append(lines, jsonFields(full, field.Type, false)...)
	}
	return lines
}

// jsonType returns the JSON type of a field.
func jsonType(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "time"
	case t.Kind() == reflect.Pointer:
		return jsonType(t.Elem()) + " or null"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return "list of objects"
	case t.Kind() == reflect.Slice:
		return "list of " + jsonType(t.Elem()) + "s"
	case t.Kind() == reflect.Map:
		return "object of " + jsonType(t.Elem()) + "s"
	case t.Kind() == reflect.Struct:
		return "object"
	case t.Kind() == reflect.String:
		return "string"
	case t.Kind() == reflect.Bool:
		return "boolean"
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int32, t.Kind() == reflect.Int64, t.Kind() == reflect.Float64:
		return "number"
	}
	return t.String() // not a JSON type that a reader of the documentation knows
}

// Removing a field of a JSON document, or changing its type, breaks the programs that read it, so it needs a higher
// jsonFormat. The flag -update accepts fields that were added.
func TestJSONFormat(t *testing.T) {
	documents := jsonDocuments()
	var names []string
	for name := range documents {
		names = append(names, name)
	}
	slices.Sort(names)
	var all strings.Builder
	for _, name := range names {
		fmt.Fprintf(&all, "format %d: %s\n", jsonFormat, name)
		for _, line := range jsonFields("", documents[name], true) {
			fmt.Fprintf(&all, "  %s\n", line)
		}
	}
	if *update {
		if err := os.WriteFile(jsonGolden, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(jsonGolden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), all.String()); diff != "" {
		t.Errorf("the fields of the JSON documents have changed:\n%s", diff)
	}
}

// JSON.md describes each field, with its type.
func TestJSONIsDocumented(t *testing.T) {
	documentation, err := os.ReadFile("../../.github/JSON.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, document := range jsonDocuments() {
		for _, line := range jsonFields("", document, true) {
			field, kind, _ := strings.Cut(line, " ")
			row := fmt.Sprintf("\n| `%s` | %s | ", field, kind)
			if !strings.Contains(string(documentation), row) {
				t.Errorf("%s: .github/JSON.md has no row %q", name, row)
			}
		}
	}
}
