package main

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"testing"

	"groupsync/ecwid/ecwidtest"

	"github.com/google/go-cmp/cmp"
)

// A sheet that LibreOffice saved in different formats always has the same effect on the store.
func TestSpreadsheets(t *testing.T) {
	groups := []ecwidtest.Group{
		{ID: 9367001, Name: "Großhändler für Möbel & Küchen", ExternalReferenceID: "00017"},
		{ID: 9367002, Name: "Оптовые покупатели", ExternalReferenceID: "000000000000000123"},
		{ID: 9367003, Name: "批发商 卸売 도매", ExternalReferenceID: "CJK-3"},
		{ID: 9367004, Name: "VIP 🥇👩\u200d👩\u200d👧 😀"},
		{ID: 9367005, Name: `The "best", 20% off; all | yours`, ExternalReferenceID: `"Q"`},
		{ID: 9367006, Name: "an id that is a text; 'single'", ExternalReferenceID: "123456789012"},
	}
	western := []ecwidtest.Group{
		{ID: 9367001, Name: "Großhändler für Möbel, ab 100 €", ExternalReferenceID: "00017"},
		{ID: 9367002, Name: "„Stammkunden“ – Œuvre, Ærø, Señor; Ýmir", ExternalReferenceID: `"Ä"`},
	}
	for _, tt := range []struct {
		file  string
		flags []string
		want  []ecwidtest.Group
	}{
		{"groups.utf8.csv", nil, groups},
		{"groups.quoted.csv", nil, groups},
		{"groups.utf8bom.csv", nil, groups},
		{"groups.utf16.txt", nil, groups},
		{"groups.xlsx", nil, groups},
		{"groups.xlsx", []string{"--sheet", "Western"}, western},
		{"western.windows1252.csv", []string{"--encoding", "windows-1252"}, western},
	} {
		t.Run(tt.file, func(t *testing.T) {
			server := freshStore(t)
			results := filepath.Join(t.TempDir(), "results.csv")
			args := append([]string{"groupsync", "sync", "--results", results, filepath.Join("../../testdata/spreadsheets", tt.file)}, tt.flags...)
			var stderr bytes.Buffer
			if code := run(t.Context(), args, os.Getenv, nil, io.Discard, &stderr); code != exitGood {
				t.Fatalf("exit code %d:\n%s", code, &stderr)
			}
			if diff := cmp.Diff(tt.want, server.Groups()[1:]); diff != "" {
				t.Errorf("the store (-want +got):\n%s", diff)
			}
		})
	}
}

// freshStore returns a store that accepts every group, and sets the environment for it.
func freshStore(t *testing.T) *ecwidtest.Server {
	server := ecwidtest.NewServer(ecwidtest.Options{AnyGroup: true})
	t.Cleanup(server.Close)
	t.Setenv("ECWID_API_URL", server.URL)
	t.Setenv("ECWID_STORE_ID", server.Store())
	t.Setenv("ECWID_TOKEN", server.Token())
	return server
}

// A run over a sheet resumes where it was stopped. It identifies rows by their numbers in the sheet, in which empty rows count.
func TestSpreadsheetResumes(t *testing.T) {
	server := freshStore(t)
	results := filepath.Join(t.TempDir(), "results.csv")
	args := []string{"groupsync", "sync", "--results", results, "../../testdata/spreadsheets/groups.xlsx"}
	for _, step := range []struct {
		flag string
		code int
	}{{"--limit=3", exitInterrupted}, {"--resume", exitGood}, {"--resume", exitGood}} {
		var stderr bytes.Buffer
		if code := run(t.Context(), append(args, step.flag), os.Getenv, nil, io.Discard, &stderr); code != step.code {
			t.Fatalf("%s: exit code %d, want %d:\n%s", step.flag, code, step.code, &stderr)
		}
	}
	data, err := os.ReadFile(results)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, record := range records[1:] {
		lines = append(lines, record[0])
	}
	if diff := cmp.Diff([]string{"2", "3", "4", "5", "6", "10"}, lines); diff != "" || len(server.Requests()) != 6 {
		t.Errorf("%d requests; the lines (-want +got):\n%s", len(server.Requests()), diff)
	}
}
