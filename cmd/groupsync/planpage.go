package main

import (
	"fmt"
	"strconv"
	"time"

	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/plan"
	"groupsync/sync/quota"

	"github.com/alecthomas/kong"
)

// planPage writes a plan as an HTML page.
type planPage struct {
	path string
	rows pageRows[pagePlanRow]
}

func newPlanPage(path string) *planPage {
	return &planPage{path: path, rows: pageRows[pagePlanRow]{limit: maxPageRows}}
}

func (p *planPage) entry(e plan.Entry) error {
	if e.Status == journal.Unchanged && len(e.Notes) == 0 {
		return nil
	}
	row := pagePlanRow{Line: e.Line, GroupID: printable(shortened(e.GroupID)), Status: planStatus(e.Status)}
	if e.ID != 0 {
		row.GroupID = strconv.Itoa(int(e.ID))
	}
	if e.Before.ID != 0 {
		row.Name = printable(shortened(e.Before.Name))
	}
	var values []string
	message := func(class, text string) {
		row.Fields = append(row.Fields, pageField{Message: printable(text), Class: class})
	}
	if e.Reason != "" {
		message(pageClass(e.Status), string(e.Status)+": "+e.Reason)
	}
	if e.Cleared != nil {
		message("warn", fmt.Sprintf("First, %s is cleared in group %d, because a later row of that group changes it.", value(e.Cleared.ExternalReferenceID), e.Cleared.ID))
	}
	for _, c := range e.Changes() {
		old, changed := compareValues(c.Old, c.New)
		row.Fields = append(row.Fields, pageField{Field: fieldLabel(c.Field), Old: old, New: changed})
		values = append(values, c.Old, c.New)
	}
	for _, note := range e.Notes {
		message("warn", "Note: "+note)
	}
	row.pageSearch = searchFor(values...)
	p.rows.add(row, e.Status.Good())
	return nil
}

// planStatus returns how a page names the status that a row would get.
func planStatus(s journal.Status) string {
	if s == journal.Updated {
		return "to send"
	}
	return string(s)
}

// fieldLabel returns the name of a column on a page.
func fieldLabel(column string) string {
	switch column {
	case groupfile.ColumnName:
		return "Name"
	case groupfile.ColumnExternalID:
		return "External id"
	}
	return column
}

func (p *planPage) end(c *planCmd, t plan.Totals, r quota.Rate, line *kong.Context) error {
	rows, note := p.rows.listed()
	out := page{
		Title: "Plan for " + printable(c.name()),
		About: []string{fmt.Sprintf("Compared with store %s, which has %s, at %s. Nothing has been sent.",
			c.store(), counted(t.Groups, "group"), time.Now().UTC().Format("2006-01-02 15:04 UTC"))},
		Plan: rows, Statuses: statusesOf(rows, func(r pagePlanRow) string { return r.Status }),
	}
	if c.note != "" {
		out.About = append(out.About, sentence(printable(c.note))+".")
	}
	for _, status := range journal.Statuses() {
		if n := t.Rows[status]; n > 0 || status == journal.Updated {
			out.Totals = append(out.Totals, pageTotal{planStatus(status), n, pageClass(status)})
		}
	}
	if t.Clears > 0 {
		out.Totals = append(out.Totals, pageTotal{"to clear first", t.Clears, ""})
	}
	if t.Noted > 0 {
		out.Totals = append(out.Totals, pageTotal{"with notes", t.Noted, ""})
	}
	if note != "" {
		out.Notes = append(out.Notes, note+" The command groupsync plan prints all of them.")
	}
	if t.Puts > 0 {
		sending := fmt.Sprintf("Sending needs %s", counted(t.Requests+t.Puts, "request"))
		if r.Duration(t.Requests+t.Puts) >= time.Second {
			sending += fmt.Sprintf(" and takes at least %s at %s", shortestTime(r, t), r)
		}
		out.About = append(out.About, sending+".")
		out.CommandTitle, out.Command, out.Digest = "Send exactly these changes", c.applyCommand(t, line), t.Digest
	} else if t.Good() {
		out.Notes = append(out.Notes, "Nothing to do: the store already matches the file.")
	}
	return writePage(p.path, out)
}
