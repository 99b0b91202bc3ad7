package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/quote"

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
func (c *checkCmd) text(out io.Writer, check groupfile.Check) {
	fmt.Fprintf(out, "%s: %s\n\n", printable(c.name()), describeFormat(check.Format))
	if check.RowsAbove > 0 {
		fmt.Fprintf(out, "  the header is on line %d, below %s\n\n", check.HeaderLine, counted(check.RowsAbove, "row"))
	}
	for _, column := range check.Columns {
		field := column.Field
		if field == "" {
			field = "(not read)"
		}
		fmt.Fprintf(out, "  %-20s %s\n", field, quote.Full(column.Header))
	}
	fmt.Fprintf(out, "\n  %-20s %8d\n", "rows to send", check.Sendable)
	if check.Sendable+check.Invalid == 0 {
		fmt.Fprintln(out, "  the file has no rows below its header")
	}
	if check.Blank > 0 {
		fmt.Fprintf(out, "  %-20s %8d\n", "blank rows", check.Blank)
	}
	if check.Invalid > 0 {
		fmt.Fprintf(out, "  %-20s %8d\n", "invalid rows", check.Invalid)
		writeFaults(out, check.Faults, check.Invalid)
	}
	if check.Conflicting > 0 {
		fmt.Fprintf(out, "  %-20s %8d  externalReferenceId belongs to another group in the file, which keeps it\n", "duplicate ids", check.Conflicting)
		writeRepeated(out, check.Conflicts, check.ConflictingIDs)
	}
	if check.Transferred > 0 {
		fmt.Fprintf(out, "  %-20s %8d  a later row of another group releases the externalReferenceId: with --skip-unchanged, it is cleared there first\n", "transferred ids", check.Transferred)
	}
	if check.Untidy > 0 {
		fmt.Fprintf(out, "  %-20s %8d  leading or trailing spaces, invisible or decomposed characters: --tidy cleans them\n", "untidy rows", check.Untidy)
		writeFaults(out, check.UntidyCells, len(check.UntidyCells))
	}
	if check.Misdecoded > 0 {
		fmt.Fprintf(out, "  %-20s %8d  another program read the file in the wrong encoding: export it again as UTF-8\n", "wrong characters", check.Misdecoded)
		writeFaults(out, check.MisdecodedCells, check.Misdecoded)
	}
	if check.RepeatedGroups > 0 {
		fmt.Fprintf(out, "  %-20s %8d  in several rows: they are applied in the order of the file\n", "repeated groups", check.RepeatedGroups)
		writeRepeated(out, check.Repeated, check.RepeatedGroups)
	}
}

// describeFormat returns the format of a file in words.
func describeFormat(f groupfile.Format) string {
	if f.Encoding == "xlsx" {
		return "an Excel workbook (xlsx)"
	}
	mark := ""
	if f.BOM {
		mark = " with a byte order mark"
	}
	return fmt.Sprintf("CSV in %s%s, separated by %s", strings.ToUpper(f.Encoding), mark, groupfile.DelimiterName(f.Delimiter)+"s")
}

// writeFaults writes the first of n faults.
func writeFaults(out io.Writer, first []groupfile.Fault, n int) {
	for _, f := range first {
		column := ""
		if f.Column != "" {
			column = printable(f.Column) + ": "
		}
		fmt.Fprintf(out, "    line %d: %s%s\n", f.Line, column, printable(f.Reason))
	}
	if n > len(first) {
		fmt.Fprintf(out, "    and %d more\n", n-len(first))
	}
}

// writeRepeated writes the first of n values that occur in several lines.
func writeRepeated(out io.Writer, first []groupfile.Repeated, n int) {
	for _, r := range first {
		lines := strings.Trim(strings.ReplaceAll(fmt.Sprint(r.Lines), " ", ", "), "[]")
		fmt.Fprintf(out, "    %s in lines %s\n", quote.Full(r.Value), lines)
	}
	if n > len(first) {
		fmt.Fprintf(out, "    and %d more\n", n-len(first))
	}
}
