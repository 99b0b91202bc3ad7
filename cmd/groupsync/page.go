package main

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
)

// maxPageRows is how many rows a page holds. A page of more rows would open with a delay.
const maxPageRows = 20_000

//go:embed page
var pageFiles embed.FS

// page is a plan or the results of a run for a person without a terminal: one HTML file that loads nothing.
type page struct {
	Title string
	About []string // lines below the title

	Totals  []pageTotal
	Reasons []pageReason
	// CommandTitle introduces Command, the command that carries out a plan or continues a run.
	CommandTitle, Command string
	Digest                string

	// Notes are said above the rows: that some are not shown.
	Notes    []string
	Statuses []string
	// One of the two.
	Plan    []pagePlanRow
	Results []pageResultRow
}

// pageTotal is a number of rows. Class is its colour: good, same, warn or bad.
type pageTotal struct {
	Label string
	Count int
	Class string
}

// pageReason is why a number of rows are not good.
type pageReason struct {
	Status  string
	Count   int
	Line    int
	Example string
}

// pagePlanRow is one field that would change, or one message about a row.
type pagePlanRow struct {
	Line            int
	GroupID, Status string
	Field           string
	Old, New        []pageValue
	Message, Class  string
	// Search is what the search looks at, in lower case: the values without the marks for invisible characters.
	Search string
}

// pageResultRow is one record of the results.
type pageResultRow struct {
	Line, GroupID, Status, Class, Error string
	Name, ExternalID                    []pageValue
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
		// BarLabel is the bar in words.
		BarLabel string
	}{
		page: p,
		// The browser runs and loads nothing but these two, whatever a cell holds.
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

func (p page) bar() []pageBar {
	sum := 0
	for _, t := range p.Totals {
		sum += t.Count
	}
	var parts []pageBar
	counted := 0
	for _, t := range p.Totals {
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
	for _, t := range p.Totals {
		parts = append(parts, fmt.Sprintf("%d %s", t.Count, t.Label))
	}
	return strings.Join(parts, ", ")
}
