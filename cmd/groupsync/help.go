package main

import "github.com/alecthomas/kong"

type helpCmd struct {
	Command string `arg:"" optional:"" help:"The command whose help is printed."`
}

func (c *helpCmd) Run(p *program, line *kong.Context) error {
	var command []string
	if c.Command != "" {
		command = []string{c.Command}
	}
	if err := printHelp(line.Kong, command); err != nil {
		return exitCode(p.reportUsage(err))
	}
	return nil
}

// printHelp prints the help of a command, or of the program. It returns an error if there is no such command.
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

const description = `Update the customer groups of an Ecwid store from a CSV or Excel file.

The file has a header row with the columns groupId, name and externalReferenceId. Each row is sent to the store
as one update, and its outcome is written to a results file.

Try it without an account:

    groupsync sync --sandbox groups.csv

Exit codes:

    0   every row is good; for plan: the store matches the file
    1   finished, but some rows are not good: see the results
    2   could not start: settings, credentials, input, or existing results
    3   stopped early: token, subscription plan or store id refused, store
        never reached, or too many failures
    4   interrupted, or another run is writing the results: use --resume
    10  plan only: there are changes to send
    70  a bug`

// Help returns the description that kong prints below the usage line.
func (*syncCmd) Help() string {
	return `FILE is a CSV or Excel file with a header row. It needs the column groupId, and at least one of the columns
name and externalReferenceId; other columns are ignored. An empty cell keeps the value in the store. Rows of
the same group are applied in the order of FILE.

The outcome of each row is written to the results file during the run, in the order of FILE: updated,
unchanged, not_updated, conflict, invalid or failed. If a run ends early, --resume continues it. After you have
corrected FILE, --retry sends the corrected rows.

Ecwid allows 600 requests a minute, so 10,000 rows take 17 minutes. sync never exceeds --rate. If the store asks
for a pause anyway, sync waits.

Examples:

    # Try it without an account or a network: the sandbox has the groups in the file.
    groupsync sync --sandbox groups.csv

    # A first real run: ten rows, then the rest.
    groupsync sync --store 1003 --token-file token --limit 10 groups.csv
    groupsync sync --store 1003 --token-file token --resume groups.csv

    # Correct the bad rows in groups.csv, and send them again.
    groupsync sync --store 1003 --token-file token --retry groups.csv

    # Review the plan, apply exactly this plan, and undo it.
    groupsync plan groups.csv
    groupsync sync groups.csv --skip-unchanged --expect DIGEST --backup before.csv
    groupsync sync --blank clear --skip-unchanged before.csv

    # An export from an ERP system: external ids, another column name, a Windows encoding.
    groupsync sync --key externalReferenceId --column name="Kd-Gruppe" --encoding windows-1252 export.csv

    # In cron: print nothing unless something is wrong.
    groupsync sync --quiet --results "groups-$(date +\%F).csv" groups.csv

    # In a pipe.
    erp-export | groupsync sync - --results - > outcomes.csv`
}

// Help returns the description that kong prints below the usage line.
func (*planCmd) Help() string {
	return `plan lists the store's groups (scope read_customers), compares them with FILE, and prints the old and new
value of each field that "groupsync sync --skip-unchanged" would change, in the order of FILE. It sends no
update. It also reports names that already exist, groups that do not exist (with a suggestion), and external
ids that lost their leading zeros. Run plan after a sync to verify the result.

The output ends with a digest of the changes. "groupsync sync --expect DIGEST" applies only this plan.

Exit codes: 0 if the store matches the file, 10 if there are changes, 1 if some rows cannot be sent.

Examples:

    # Print what would change.
    groupsync plan groups.csv

    # Check whether the store matches the file.
    groupsync plan groups.csv && echo no changes

    # For a program: one JSON object per line, the summary last.
    groupsync plan --json groups.csv | tail -n 1`
}

// Help returns the description that kong prints below the usage line.
func (*checkCmd) Help() string {
	return `check reads FILE as sync does, and reports its format and columns, how many rows would be sent, which would
not and why, values with leading or trailing spaces or invisible characters, groups that occur in several rows,
and external ids that two groups would have. It needs no account and sends no request.

Exit codes: 0 if all rows would be sent, 1 if some would not be sent, or if the store would refuse some, 2 if
FILE cannot be used.

Examples:

    groupsync check groups.csv
    groupsync check --encoding windows-1252 --column groupId="Kd-Gruppe Nr" export.csv
    groupsync check --json groups.xlsx`
}

// Help returns the description that kong prints below the usage line.
func (*doctorCmd) Help() string {
	return `doctor takes the arguments of sync. It reports the source of each setting and how long a run would take, and
checks the token and the permissions of its file, the connection to Ecwid, the clock of this machine, the store
and its subscription plan, the scopes of the token, FILE, and the files that a run would write.

It changes nothing. It sends at most four requests; with a wrong token, only one. To find out whether the token
has the scope update_customers, it sends an update that cannot be applied: one without fields, for a group that
does not exist.

Exit codes: 0 if a run can start, 1 if it can start, but there are warnings, 2 if it would not start, or would
end at once.

Examples:

    groupsync doctor
    groupsync doctor --skip-unchanged --results /var/lib/groupsync/results.csv groups.csv
    groupsync doctor --json groups.csv
    groupsync doctor --sandbox`
}

// Help returns the description that kong prints below the usage line.
func (*pullCmd) Help() string {
	return `pull writes the groups with the columns of sync's input, sorted by groupId (scope read_customers). If the name
of FILE ends in .xlsx, the file is an Excel workbook; otherwise it is CSV. FILE is written completely or not at
all.

All cells of a workbook are text cells: Excel and LibreOffice keep 00017, 1E5 and long numbers as they are.
A hidden sheet keeps the values as they were when they were pulled, so that sync sends only what you change.

Examples:

    groupsync pull groups.xlsx
    groupsync pull groups.csv
    groupsync pull --bom --overwrite groups.csv
    groupsync pull | grep VIP`
}

// Help returns the description that kong prints below the usage line.
func (*showCmd) Help() string {
	return `show prints what the run printed when it ended: rows by status, the most frequent reasons, and the command
to run next. It can also be used after an interruption, or while the run is still writing RESULTS. It needs
no account and sends no request.

With --html, it writes one HTML page that you can email to someone. The page needs no network, can be searched, and
can be filtered by status. It lists all rows if there are at most 20,000, and otherwise those that are not good.
An existing file is replaced only if it is an HTML page.

Exit codes: 0 if RESULTS could be read, whatever the status of its rows, 2 if it could not.

Examples:

    groupsync show groups.results.csv
    groupsync show groups.results.csv --html results.html
    groupsync show groups.results.csv --json | grep '"status":"failed"'`
}

// Help returns the description that kong prints below the usage line.
func (*sandboxCmd) Help() string {
	return `The emulated store behaves like Ecwid as far as Ecwid's behavior is known. It accepts connections from this
machine only, and forgets everything when it ends. When it is ready, it prints the shell commands that set the
variables for other groupsync commands.

Examples:

    # In one terminal:
    groupsync sandbox --listen 127.0.0.1:8080 --latency 50ms --quota 600/m

    # In another:
    export ECWID_API_URL=http://127.0.0.1:8080/api/v3 ECWID_STORE_ID=1003 ECWID_TOKEN=secret_sandbox
    groupsync sync groups.csv

    # A store with the groups from a file, and one that accepts every group id.
    groupsync sandbox --seed groups.csv
    groupsync sandbox --any-group`
}

// Help returns the description that kong prints below the usage line.
func (versionCmd) Help() string {
	return `version prints the versions of groupsync and Go, and the operating system and architecture.

Example:

    groupsync version`
}

// Help returns the description that kong prints below the usage line.
func (*helpCmd) Help() string {
	return `"groupsync help COMMAND" prints the same as "groupsync COMMAND --help".

Examples:

    groupsync help
    groupsync help sync`
}
