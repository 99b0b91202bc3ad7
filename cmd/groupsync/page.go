package main

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"groupsync/sync"
	"groupsync/sync/atomicfile"
	"groupsync/sync/journal"
)

//go:embed page
var pageFiles embed.FS

// page is a plan or the results of a run for a person without a terminal: one HTML file that loads no other files.
type page struct {
	Title string
	About []string // lines below the title

	Totals  []pageTotal
	Reasons []pageReason
	// CommandTitle introduces Command, the command that applies a plan or continues a run.
	CommandTitle, Command string
	Digest                string

	// Notes are printed above the rows, for example that some rows are not listed.
	Notes    []string
	Statuses []string // of the rows
	// A page has either the rows of a plan or results.
	Plan    []pagePlanRow
	Results []pageResultRow
}

// pageTotal is a number of rows. Class is its color in the bar: good, same, warn or bad. A total without one is not
// part of the bar.
type pageTotal struct {
	Label string
	Count int
	Class string
}

// pageReason is the reason why a number of rows are not good.
type pageReason struct {
	Status  string
	Count   int
	Line    int
	Example string
}

// pagePlanRow is a row of the input that would change something, would not be sent or has notes.
type pagePlanRow struct {
	Line                  int
	GroupID, Name, Status string
	Fields                []pageField
	pageSearch
}

// pageField is a field that would change, or a message about the row.
type pageField struct {
	Field          string
	Old, New       []pageValue
	Message, Class string
}

// pageResultRow is a record of the results.
type pageResultRow struct {
	Line, GroupID, Status, Class, Attempts, Error string
	Name, ExternalID                              []pageValue
	pageSearch
}

// pageSearch is text that the search finds in addition to the text that the page shows.
type pageSearch struct{ Search string }

// searchFor returns the values that have invisible characters. The page shows the names of these characters, and a person
// may search for the value itself.
func searchFor(values ...string) pageSearch {
	var texts []string
	for _, value := range values {
		if !isVerbatim(valueParts(value)) {
			texts = append(texts, shortened(value))
		}
	}
	return pageSearch{strings.Join(texts, "\n")}
}

// pageClass returns the color of a status.
func pageClass(s journal.Status) string {
	switch s {
	case journal.Updated:
		return "good"
	case journal.Unchanged:
		return "same"
	case journal.Failed, journal.Invalid:
		return "bad"
	}
	return "warn"
}

// writePage writes a page to a file as a whole, or leaves the file as it was.
func writePage(path string, p page) error {
	if err := atomicfile.ReplaceFile(path, p.write); err != nil {
		return &sync.InterruptedError{Err: fmt.Errorf("the page cannot be written: %w", err)}
	}
	return nil
}

// pageStart is how every page begins.
const pageStart = "<!doctype html>"

// checkPage returns an error if no page can be written to the file at path. A file that exists and is not an HTML page is
// not replaced: it may be the input.
func checkPage(path string) error {
	if path == "" {
		return nil
	}
	if err := checkTarget("--html", path); err != nil {
		return err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("--html %s: %w", path, err)
	}
	defer f.Close()
	start := make([]byte, len(pageStart))
	if n, err := io.ReadFull(f, start); err != nil && n > 0 || err == nil && !strings.EqualFold(string(start), pageStart) {
		return fmt.Errorf("--html %s: the file already exists, and is not an HTML page: name another file", path)
	}
	return nil
}

// write writes the page as HTML.
func (p page) write(out io.Writer) error {
	style, err := pageFiles.ReadFile("page/page.css")
	if err != nil {
		return err
	}
	script, err := pageFiles.ReadFile("page/page.js")
	if err != nil {
		return err
	}
	t, err := template.ParseFS(pageFiles, "page/page.html")
	if err != nil {
		return err
	}
	return t.ExecuteTemplate(out, "page", struct {
		page
		Policy  string
		Style   template.CSS
		Script  template.JS
		HasRows bool
		Bar     []pageBar
		// BarLabel describes the bar in words.
		BarLabel string
	}{
		page: p,
		// The browser runs and loads nothing but these two, whatever a cell contains.
		Policy: fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'",
			sourceHash(style), sourceHash(script)),
		Style:    template.CSS(style),
		Script:   template.JS(script),
		HasRows:  len(p.Plan)+len(p.Results) > 0,
		Bar:      p.bar(),
		BarLabel: p.barLabel(),
	})
}

func sourceHash(source []byte) string {
	sum := sha256.Sum256(source)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// pageBar is one part of the bar of totals, in thousandths of its width.
type pageBar struct {
	Class       string
	From, Width int
}

// barTotals returns the totals that the bar shows.
func (p page) barTotals() []pageTotal {
	return slices.DeleteFunc(slices.Clone(p.Totals), func(t pageTotal) bool { return t.Class == "" })
}

func (p page) bar() []pageBar {
	sum := 0
	totals := p.barTotals()
	for _, t := range totals {
		sum += t.Count
	}
	var parts []pageBar
	counted := 0
	for _, t := range totals {
		from := counted * 1000 / max(sum, 1)
		counted += t.Count
		if width := counted*1000/max(sum, 1) - from; width > 0 {
			parts = append(parts, pageBar{t.Class, from, width})
		}
	}
	return parts
}

func (p page) barLabel() string {
	var parts []string
	for _, t := range p.barTotals() {
		parts = append(parts, fmt.Sprintf("%d %s", t.Count, t.Label))
	}
	return strings.Join(parts, ", ")
}
