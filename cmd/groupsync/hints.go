package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"groupsync/ecwid"
	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
)

// explain returns the text of an error for a person: what happened, followed by its [hint]. Every error that a person
// sees passes through it exactly once. Each of several joined errors is one line.
func explain(err error) string { return strings.Join(explanations(err), "\n") }

// explanations returns the text of each error that is joined in err.
func explanations(err error) []string {
	var texts []string
	for _, single := range unjoined(err) {
		text := single.Error()
		if h := hint(single); h != "" {
			text += ": " + h
		}
		texts = append(texts, text)
	}
	return texts
}

// hint returns what a person can do about err, or "". The libraries report facts in typed errors; the flags,
// variables and files that change them are named here.
func hint(err error) string {
	var (
		exists  *journal.ExistsError
		locked  *journal.LockedError
		edited  *journal.MismatchError
		other   *journal.StoreMismatchError
		token   *tokenFileError
		scope   *sync.ScopeError
		stopped *sync.StoppedError
		missing *sync.BaseMissingError
		limit   *groupfile.SpoolLimitError
		spool   *groupfile.SpoolError
	)
	switch {
	case errors.As(err, &exists):
		return "--resume continues it, --retry sends corrected rows, --overwrite replaces it"
	case errors.As(err, &edited):
		return "--retry sends the changed rows of an edited file, --overwrite replaces the results, --results names another file for them"
	case errors.As(err, &other):
		return "check the store id (--store), or name another file with --results"
	case errors.As(err, &locked):
		return "--lock-wait 10m waits for that run to end, --results names another file"
	case journal.IsInUse(err):
		return "close the file in Excel, or in the other program that has it open"
	case errors.As(err, &token):
		return "check the path (--token-file or $ECWID_TOKEN_FILE) and the permissions of the file"
	case errors.As(err, &scope):
		return "check that the token is right and has the scope " + scope.Scope
	case errors.As(err, &limit):
		return "raise --spool-limit, or name a file instead of the pipe"
	case errors.As(err, &spool) && spool.Text:
		return "set $TMPDIR to a folder with free space, or save the sheet as CSV UTF-8"
	case errors.As(err, &spool):
		return "set $TMPDIR to another folder, or name a file instead of the pipe"
	case errors.As(err, &stopped):
		return stoppedHint(err)
	case errors.As(err, &missing):
		return "use the --base of the earlier run, or start again without a base and with --overwrite"
	}
	return fileHint(err)
}

// fileHint returns the hint for an error about a file of groups.
func fileHint(err error) string {
	var (
		damaged   *groupfile.WorkbookBaseError
		columns   *baseColumnsError
		store     *groupfile.StoreError
		workbook  *groupfile.WorkbookError
		option    *groupfile.OptionError
		header    *groupfile.HeaderError
		delimiter *groupfile.DelimiterError
		encoding  *groupfile.EncodingError
	)
	switch {
	case errors.As(err, &damaged):
		return "pull the groups again, or use --base none to ignore that sheet"
	case errors.As(err, &columns):
		return "rename the columns to groupId, name and externalReferenceId"
	case errors.As(err, &store):
		return "check the store id (--store), or name another file"
	case errors.As(err, &workbook):
		return "write a CSV file instead"
	case errors.As(err, &option):
		return optionHint(option)
	case errors.As(err, &header) && header.Ambiguous != "" && len(slices.Compact(slices.Clone(header.Matches))) == 1:
		return "rename or remove all but one of them"
	case errors.As(err, &header) && header.Ambiguous != "":
		return fmt.Sprintf("rename or remove all but one of them, or name the right one with --column %s=…", header.Ambiguous)
	case errors.As(err, &delimiter):
		return "name the right one with --delimiter"
	case errors.As(err, &encoding) && len(encoding.Guesses) > 0:
		return fmt.Sprintf("if that is right, use --encoding %s", encoding.Guesses[0])
	case errors.As(err, &encoding) && !encoding.BOM:
		return "name the encoding of the file with --encoding"
	}
	return ""
}

// optionHint returns which flag to correct.
func optionHint(err *groupfile.OptionError) string {
	switch err.Option {
	case "Columns":
		return fmt.Sprintf("correct --column %s=…", err.Column)
	case "ClearBlank":
		return "omit --blank clear"
	case "HeaderRow":
		return "correct --header-row"
	}
	if err.Unusable {
		return "omit --" + strings.ToLower(err.Option)
	}
	return "correct or omit --" + strings.ToLower(err.Option)
}

// stoppedHint returns the hint for an error that ended a run because every further request would fail in the same way.
func stoppedHint(err error) string {
	var (
		response    *ecwid.Error
		certificate *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &response):
		return refusedHint(response)
	case errors.Is(err, ecwid.ErrUnreachable):
		return unreachableHint
	case errors.As(err, &certificate):
		return privateAuthorityHint
	}
	return ""
}

const (
	unreachableHint      = "check the network and the address of the API (--api)"
	privateAuthorityHint = "if the certificate is from a private certificate authority, set $SSL_CERT_FILE to the file of its certificates"
)

// refusedHint returns what to check after a response that refuses every request.
func refusedHint(response *ecwid.Error) string {
	switch {
	case !errors.Is(response, ecwid.ErrRefused):
		return ""
	case response.IsStoreNotFound():
		return "check the store id (--store)"
	case response.Code == "INSUFFICIENT_APP_SCOPE":
		return "give the app the scope update_customers, and use the new token"
	case errors.Is(response, ecwid.ErrForbidden):
		return "check that the token is right, belongs to this store and has the scope update_customers"
	case response.StatusCode == http.StatusPaymentRequired:
		return "check in the control panel that the store's subscription plan includes customer groups, and that the store is not suspended"
	case response.HTML, response.Location != "", response.StatusCode == http.StatusOK:
		return "check the address of the API (--api)"
	}
	return "this is a bug in groupsync: please report it"
}

// unjoined returns the errors that [errors.Join] joined in err, in order. It returns none for nil.
func unjoined(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, unjoined(e)...)
	}
	return all
}
