package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"testing"

	"groupsync/ecwid"
	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
)

func TestExplain(t *testing.T) {
	response := func(status int, code string) error {
		return &sync.StoppedError{Err: fmt.Errorf("row 7: %w", &ecwid.Error{StatusCode: status, Code: code})}
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"nothing":       {nil, ""},
		"no hint":       {errors.New("a fault"), "a fault"},
		"exists":        {&journal.ExistsError{Path: "r.csv"}, "the results file r.csv already exists: --resume continues it, --retry sends corrected rows, --overwrite replaces it"},
		"locked":        {&journal.LockedError{Path: "r.csv"}, "another run is writing to r.csv: --lock-wait 10m waits for that run to end, --results names another file"},
		"edited":        {&journal.MismatchError{Path: "r.csv", Line: 3, Reason: "the record does not match line 3"}, "r.csv, line 3: the record does not match line 3: --retry sends the changed rows of an edited file, --overwrite replaces the results, --results names another file for them"},
		"in use":        {&sync.InterruptedError{Err: &journal.InUseError{Path: "r.csv", Err: journal.ErrInUse}}, "r.csv is open in another program: close the file in Excel, or in the other program that has it open"},
		"joined":        {errors.Join(errors.New("a fault"), &journal.ExistsError{Path: "r.csv"}), "a fault\nthe results file r.csv already exists: --resume continues it, --retry sends corrected rows, --overwrite replaces it"},
		"certificate":   {&sync.StoppedError{Err: &tls.CertificateVerificationError{Err: errors.New("unknown authority")}}, "tls: failed to verify certificate: unknown authority: if the certificate is from a private certificate authority, set $SSL_CERT_FILE to the file of its certificates"},
		"scope to list": {&sync.StoppedError{Err: &sync.ScopeError{Scope: "read_customers", Err: &ecwid.Error{StatusCode: 403}}}, "the store's groups cannot be listed: Ecwid returned 403 (Forbidden): check that the token is right and has the scope read_customers"},
		"token":         {response(403, ""), "the store refuses all requests: row 7: Ecwid returned 403 (Forbidden): check that the token is right, belongs to this store and has the scope update_customers"},
		"scope":         {response(403, "INSUFFICIENT_APP_SCOPE"), "the store refuses all requests: row 7: Ecwid returned 403 INSUFFICIENT_APP_SCOPE: give the app the scope update_customers, and use the new token"},
		"plan":          {response(402, ""), "the store refuses all requests: row 7: Ecwid returned 402 (Payment Required): check in the control panel that the store's subscription plan includes customer groups, and that the store is not suspended"},
		"store id":      {response(404, "STORE_NOT_FOUND"), "the store refuses all requests: row 7: Ecwid returned 404 STORE_NOT_FOUND: check the store id (--store)"},
		"not JSON":      {response(200, ""), "the store refuses all requests: row 7: Ecwid returned 200 with a body that is not JSON: check the address of the API (--api)"},
		"method":        {response(405, "METHOD_NOT_ALLOWED"), "the store refuses all requests: row 7: Ecwid returned 405 METHOD_NOT_ALLOWED: this is a bug in groupsync: please report it"},
		"no group":      {response(404, ""), "the store refuses all requests: row 7: Ecwid returned 404 (Not Found)"},
		"spool":         {&groupfile.SpoolError{Input: "a pipe", Err: errors.New("disk full")}, "a pipe can be read only once, and cannot be copied to a temporary file: disk full: set $TMPDIR to another folder, or name a file instead of the pipe"},
		"spool of text": {&groupfile.SpoolError{Input: "a.xlsx", Text: true, Err: errors.New("disk full")}, "a.xlsx: the text of the spreadsheet cannot be copied to a temporary file: disk full: set $TMPDIR to a folder with free space, or save the sheet as CSV UTF-8"},
		"outage":        {&sync.InterruptedError{Err: fmt.Errorf("gone: %w", ecwid.ErrUnreachable)}, "gone: ecwid: unreachable"},
	} {
		if got := explain(c.err); got != c.want {
			t.Errorf("%s: got\n%s, want\n%s", name, got, c.want)
		}
	}
}
