package main

import "github.com/alecthomas/kong"

type helpCmd struct {
	Command string `arg:"" optional:"" help:"Command whose help is meant."`
}

func (c *helpCmd) Run(line *kong.Context) error {
	var command []string
	if c.Command != "" {
		command = []string{c.Command}
	}
	if err := printHelp(line.Kong, command); err != nil {
		return &startError{err: err, advice: advice(exitNotStarted, nil) + ": groupsync --help"}
	}
	return nil
}

// printHelp prints the help of a command, or of the program. Its error is a command that does not exist.
func printHelp(parser *kong.Kong, command []string) error {
	line, err := kong.Trace(parser, command)
	if err != nil {
		return err
	}
	if line.Error != nil {
		return line.Error
	}
	return line.PrintUsage(false)
}

const description = `Bring the customer groups of an Ecwid store in line with a CSV or Excel file.

The file has a header and the columns groupId, name and externalReferenceId. Each row is sent to the store
as one update, and its outcome is written to a results file.

Try it without an account:

    groupsync sync --sandbox groups.csv

Exit codes:

    0   every row is good; for plan: the store holds the file
    1   done, but some rows are not good: the results name them
    2   could not start: settings, input, or results in the way
    3   ended early: token, plan or store id refused, or too many failures
    4   interrupted, or another run is at work: go on with --resume
    10  of plan alone: there are changes to be sent
    70  a bug`

// Help is the command's description: kong shows it below the command's line.
func (*syncCmd) Help() string {
	return `FILE is a CSV or Excel file with a header: groupId, and name, externalReferenceId or both; other columns
are ignored. An empty cell keeps what the store holds. Rows of one group are applied in their order.

The outcome of each row is written to the results file, in the order of FILE, while the run goes: updated,
unchanged, not_updated, invalid or failed. Whatever ends a run, --resume goes on from there.

Ecwid allows 600 requests a minute: 10,000 rows take 17 minutes. No more than --rate is ever sent; when the
store asks for a pause all the same, the run pauses.

Examples:

    # Try it out, without an account and without a network.
    groupsync sync --sandbox groups.csv

    # A first real run: ten rows, then the rest.
    groupsync sync --store 1003 --token-file token --limit 10 groups.csv
    groupsync sync --store 1003 --token-file token --resume groups.csv

    # Correct in the results what was not good, and send just that again.
    groupsync sync --store 1003 --token-file token groups.results.csv --only failed,invalid

    # Send only what differs, as it was reviewed, and keep what was there; and take it back.
    groupsync plan groups.csv
    groupsync sync groups.csv --skip-unchanged --expect DIGEST --backup before.csv
    groupsync sync --blank clear --skip-unchanged before.csv

    # An ERP's export: its own ids, semicolons and Windows' letters.
    groupsync sync --key externalReferenceId --column name="Kd-Gruppe" --encoding windows-1252 export.csv

    # In cron: silent unless something is wrong.
    groupsync sync --quiet --results "groups-$(date +\%F).csv" groups.csv

    # In a pipe.
    erp-export | groupsync sync - --results - > outcomes.csv`
}

// Help is the command's description: kong shows it below the command's line.
func (*planCmd) Help() string {
	return `It lists the store's groups (scope read_customers), compares them with FILE, and prints what
"groupsync sync --skip-unchanged" would change, in the order of FILE: each field, old and new. It sends no
update. It points at names that exist already, at groups that do not exist and at the one that may be meant,
and at external ids that lost their zeros. Run after a sync it is the verification.

It ends with a digest of the changes: "groupsync sync --expect DIGEST" refuses any other.

Exit codes: 0, nothing to do: the store holds the file. 10: there are changes. 1: some rows can't be sent.

Examples:

    # What would be sent?
    groupsync plan groups.csv

    # Does the store hold the file?
    groupsync plan groups.csv && echo in line

    # For a program: an object a line, the summary last.
    groupsync plan --json groups.csv | tail -n 1`
}

// Help is the command's description: kong shows it below the command's line.
func (*checkCmd) Help() string {
	return `It reads FILE as sync does, and says what it understood: format, columns, how many rows would be sent, which
would not and why, texts with blanks or marks that do not show, groups that stand in several rows, and
external ids that two groups are given. It needs no account and makes no request.

Exit codes: 0, all rows would be sent. 1: some would not, or the store would refuse them. 2: FILE can't be used.

Examples:

    groupsync check groups.csv
    groupsync check --encoding windows-1252 --column groupId="Kd-Gruppe Nr" export.csv
    groupsync check --json groups.xlsx`
}

// Help is the command's description: kong shows it below the command's line.
func (*doctorCmd) Help() string {
	return `It takes the arguments of sync, and checks what a run with them needs: where each setting comes from, the
token and the permissions of its file, the way to Ecwid, this machine's clock, the store and its plan, the
scopes of the token, FILE, how long a run takes, and the files that it would write.

It changes nothing. It sends at most four requests, and a wrong token costs one. The scope update_customers
shows in the response to an update that cannot be applied: without a field, for a group that does not exist.

Exit codes: 0, a run can start. 1: it can start, but there are warnings. 2: it would not start, or would end
at once.

Examples:

    groupsync doctor
    groupsync doctor --skip-unchanged --results /var/lib/groupsync/results.csv groups.csv
    groupsync doctor --json groups.csv
    groupsync doctor --sandbox`
}

// Help is the command's description: kong shows it below the command's line.
func (*pullCmd) Help() string {
	return `It writes the groups in the columns of sync's input, sorted by groupId (scope read_customers): as an Excel
workbook (xlsx) if FILE's name ends in .xlsx, else as CSV. The file appears as a whole or not at all.

In a workbook every cell is a text cell, so that Excel and LibreOffice keep 00017, 1E5 and long numbers as they
are. A hidden sheet keeps the values as they were pulled.

Examples:

    groupsync pull groups.xlsx
    groupsync pull groups.csv
    groupsync pull --bom --overwrite groups.csv
    groupsync pull | grep VIP`
}

// Help is the command's description: kong shows it below the command's line.
func (*sandboxCmd) Help() string {
	return `It behaves like Ecwid as far as that is known, forgets everything when it ends, and lets only this
machine in. When it is ready it prints the settings that lead to it, as a shell takes them.

Examples:

    # In one terminal.
    groupsync sandbox --listen 127.0.0.1:8080 --latency 50ms --quota 600/m

    # In another.
    export ECWID_API_URL=http://127.0.0.1:8080/api/v3 ECWID_STORE_ID=1003 ECWID_TOKEN=secret_sandbox
    groupsync sync groups.csv

    # A store with the groups of a file; one that takes every group.
    groupsync sandbox --seed groups.csv
    groupsync sandbox --any-group`
}

// Help is the command's description: kong shows it below the command's line.
func (versionCmd) Help() string {
	return `It prints the version, that of Go, and the system it was built for.

Example:

    groupsync version`
}

// Help is the command's description: kong shows it below the command's line.
func (*helpCmd) Help() string {
	return `It prints what "groupsync COMMAND --help" prints.

Examples:

    groupsync help
    groupsync help sync`
}
