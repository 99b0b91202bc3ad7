package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"groupsync/internal/quote"
	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"

	"github.com/alecthomas/kong"
)

type checkCmd struct {
	readingFlags

	JSON bool `group:"Output" name:"json" help:"Print one JSON object instead."`
}

func (c *checkCmd) Run(p *program, line *kong.Context) error {
	ctx, _ := p.untilSignal(0)
	check, err := c.check(ctx, p)
	if err != nil {
		return p.notRead(ctx, err, "check", line)
	}
	var out bytes.Buffer
	if c.JSON {
		writeJSON(&out, newCheckReport(c.name(), check))
	} else {
		c.text(&out, check)
	}
	if _, err := p.stdout.Write(out.Bytes()); err != nil {
		return &sync.InterruptedError{Err: fmt.Errorf("the report cannot be written: %w", err)}
	}
	if !check.Good() {
		return exitCode(exitNotGood)
	}
	return nil
}

func (c *checkCmd) check(ctx context.Context, p *program) (groupfile.Check, error) {
	in, err := openInput(ctx, c.File, p.stdin)
	if err != nil {
		return groupfile.Check{}, err
	}
	defer in.close()
	o, err := c.options(in)
	if err != nil {
		return groupfile.Check{}, err
	}
	o.CheckEncoding, o.Spool = true, c.spool(false, journal.Results{})
	if in.rows, err = groupfile.NewInput(ctx, in, o); err != nil {
		return groupfile.Check{}, err
	}
	return groupfile.CheckInput(in.rows.Reader())
}

// text writes the report for a person: how the file is understood, the errors, and then the notes.
func (c *checkCmd) text(out io.Writer, k groupfile.Check) {
	fmt.Fprintf(out, "%s: %s\n\n", printable(c.name()), written(k.Format))
	if k.RowsAbove > 0 {
		fmt.Fprintf(out, "  the header is line %d: it was found below %s\n\n", k.HeaderLine, counted(k.RowsAbove, "row"))
	}
	for _, column := range k.Columns {
		field := column.Field
		if field == "" {
			field = "(not read)"
		}
		fmt.Fprintf(out, "  %-20s %s\n", field, quote.Full(column.Header))
	}
	fmt.Fprintf(out, "\n  %-20s %8d\n", "rows to send", k.Sendable)
	if k.Sendable+k.Invalid == 0 {
		fmt.Fprintln(out, "  the file has no rows below its header")
	}
	if k.Blank > 0 {
		fmt.Fprintf(out, "  %-20s %8d\n", "blank rows", k.Blank)
	}
	if k.Invalid > 0 {
		fmt.Fprintf(out, "  %-20s %8d\n", "invalid rows", k.Invalid)
		faults(out, k.Faults, k.Invalid)
	}
	if k.Conflicting > 0 {
		fmt.Fprintf(out, "  %-20s %8d  rows whose externalReferenceId is given to another group, which keeps it\n", "conflicts", k.Conflicting)
		repeated(out, k.Conflicts, k.ConflictingIDs)
	}
	if k.Transferred > 0 {
		fmt.Fprintf(out, "  %-20s %8d  rows whose externalReferenceId is released by a later row of another group: --skip-unchanged clears it there first\n", "transferred", k.Transferred)
	}
	if k.Untidy > 0 {
		fmt.Fprintf(out, "  %-20s %8d  rows with leading or trailing spaces, invisible or decomposed characters: --tidy cleans them\n", "untidy", k.Untidy)
		faults(out, k.UntidyCells, len(k.UntidyCells))
	}
	if k.Misdecoded > 0 {
		fmt.Fprintf(out, "  %-20s %8d  values with wrong characters: another program read them in the wrong encoding; export them again as UTF-8\n", "wrong characters", k.Misdecoded)
		faults(out, k.MisdecodedCells, k.Misdecoded)
	}
	if k.RepeatedGroups > 0 {
		fmt.Fprintf(out, "  %-20s %8d  groups with several rows, which are applied in the order of the file\n", "repeated", k.RepeatedGroups)
		repeated(out, k.Repeated, k.RepeatedGroups)
	}
}

// written returns the format of a file in words.
func written(f groupfile.Format) string {
	if f.Encoding == "xlsx" {
		return "an Excel spreadsheet (xlsx)"
	}
	mark := ""
	if f.BOM {
		mark = " with a byte order mark"
	}
	return fmt.Sprintf("CSV in %s%s, separated by %s", strings.ToUpper(f.Encoding), mark, groupfile.DelimiterName(f.Delimiter)+"s")
}

func faults(out io.Writer, all []groupfile.Fault, n int) {
	for _, f := range all {
		column := ""
		if f.Column != "" {
			column = printable(f.Column) + ": "
		}
		fmt.Fprintf(out, "    line %d: %s%s\n", f.Line, column, printable(f.Reason))
	}
	if n > len(all) {
		fmt.Fprintf(out, "    and %d more\n", n-len(all))
	}
}

func repeated(out io.Writer, examples []groupfile.Repeated, n int) {
	for _, r := range examples {
		lines := strings.Trim(strings.ReplaceAll(fmt.Sprint(r.Lines), " ", ", "), "[]")
		fmt.Fprintf(out, "    %s in lines %s\n", quote.Full(r.Value), lines)
	}
	if n > len(examples) {
		fmt.Fprintf(out, "    and %d more\n", n-len(examples))
	}
}
