package main

import (
	"fmt"
	"io"
)

// doctorReport is the JSON document of doctor. .github/JSON.md describes the fields.
type doctorReport struct {
	Format   int        `json:"format"`
	Version  string     `json:"version"`
	ExitCode int        `json:"exitCode"`
	Store    storeFacts `json:"store"`
	Settings []setting  `json:"settings"`
	Checks   []finding  `json:"checks"`
	// File is null if there is no FILE, or if it cannot be understood.
	File *checkReport `json:"file"`
}

func (d *doctor) json(out io.Writer) {
	r := doctorReport{
		Format: jsonFormat, Version: programVersion(), ExitCode: d.exitCode(),
		Store: d.store, Settings: d.settings(), Checks: d.findings,
	}
	if d.file != nil {
		file := newCheckReport(d.c.name(), *d.file)
		r.File = &file
	}
	writeJSON(out, r)
}

// text prints one line for each setting and each finding.
func (d *doctor) text(out io.Writer) {
	fmt.Fprintln(out, "settings")
	for _, s := range d.settings() {
		fmt.Fprintf(out, "  %-18s %-30s %s\n", s.Name, printable(s.Value), s.From)
	}
	fmt.Fprintln(out, "checks")
	paint := painter(d.program.usesColor(d.program.stdout))
	colors := map[string]string{findingOK: green, findingWarning: yellow, findingError: red, findingSkipped: ""}
	for _, f := range d.findings {
		status := fmt.Sprintf("%-8s", f.Status)
		if color := colors[f.Status]; color != "" {
			status = paint(color, status)
		}
		line := printable(f.Message)
		if f.Hint != "" {
			line += ": " + printable(f.Hint)
		}
		fmt.Fprintf(out, "  %s %-17s %s\n", status, f.Check, line)
	}
	switch errors, warnings := d.count(findingError), d.count(findingWarning); {
	case errors > 0:
		fmt.Fprintf(out, "%s, %s: a run with these settings would not start, or would end at once\n", counted(errors, "error"), counted(warnings, "warning"))
	case warnings > 0:
		fmt.Fprintf(out, "%s: a run with these settings can start\n", counted(warnings, "warning"))
	default:
		fmt.Fprintln(out, "a run with these settings can start")
	}
}
