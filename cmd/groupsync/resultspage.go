package main

import (
	"fmt"
	"strconv"
	"strings"

	"groupsync/sync/journal"
)

// maxPageReasons is how many reasons a page lists.
const maxPageReasons = 20

// resultsPage writes the results of a run as an HTML page.
type resultsPage struct {
	rows     pageRows[pageResultRow]
	repeated int // rows that took more than one attempt
}

func newResultsPage() *resultsPage {
	return &resultsPage{rows: pageRows[pageResultRow]{limit: maxPageRows}}
}

func (p *resultsPage) add(r journal.Record) error {
	row := pageResultRow{
		Line: r.Line, GroupID: printable(shortened(r.GroupID)), Status: string(r.Status), Class: pageClass(r.Status), Attempts: printable(shortened(r.Attempts)),
		Error: printable(shortened(r.Error)), Name: valueParts(r.Name), ExternalID: valueParts(r.ExternalReferenceID),
	}
	row.pageSearch = searchFor(r.Name, r.ExternalReferenceID)
	if n, err := strconv.Atoi(r.Attempts); err == nil && n > 1 {
		p.repeated++
	}
	p.rows.add(row, r.Status.Good())
	return nil
}

func (p *resultsPage) write(path string, s *shownResults) error {
	rows, note := p.rows.listed()
	out := page{
		Title: "Results: " + printable(s.path),
		About: []string{
			sentence(s.about()) + ".",
			fmt.Sprintf("%s, %s sent (%s more than once).", counted(s.total(), "row"), counted(s.attempts, "update"), counted(p.repeated, "row")),
		},
		Results: rows, Statuses: statusesOf(rows, func(r pageResultRow) string { return r.Status }),
	}
	for _, status := range journal.Statuses() {
		if n := s.rows[status]; n > 0 || status == journal.Updated {
			out.Totals = append(out.Totals, pageTotal{string(status), n, pageClass(status)})
		}
	}
	for _, reason := range s.reasons.MostFrequent(maxPageReasons) {
		out.Reasons = append(out.Reasons, pageReason{string(reason.Status), reason.Count, reason.Line, printable(shortened(reason.Example))})
	}
	if note != "" {
		out.Notes = append(out.Notes, note+" The file "+printable(s.path)+" has all of them.")
	}
	title, command := s.next()
	out.CommandTitle, out.Command = sentence(title), command
	return writePage(path, out)
}

// sentence returns text with a capital first letter.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
