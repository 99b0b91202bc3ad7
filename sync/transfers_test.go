package sync

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/quote"

	"github.com/google/go-cmp/cmp"
)

// If a row is refused after the external id that it wants was cleared in another group, the id is put back.
func TestPutBack(t *testing.T) {
	const (
		swap     = "1,refused,b\n2,,a\n"
		clearB   = `2 {"name":"group 2","externalReferenceId":null}`
		putB     = `1 {"name":"refused","externalReferenceId":"b"}`
		putFine  = `1 {"name":"fine","externalReferenceId":"b"}`
		restoreB = `2 {"name":"group 2","externalReferenceId":"b"}`
		putA     = `2 {"name":"group 2","externalReferenceId":"a"}`
		idUsed   = `Ecwid returned 409 EXTERNAL_ID_ALREADY_USED: externalReferenceId ""b"" is used by customer group #3`
		failedA  = `failed,,409,0,"externalReferenceId ""a"" belongs to group 1, which keeps it"`
	)
	refused := func(attempts int, what string) string {
		return fmt.Sprintf(`failed,,422,%d,"Ecwid returned 422 WRONG_PARAMETER: the name is refused; ""b"" was cleared in group 2 for this row%s"`, attempts, what)
	}
	for _, c := range []struct {
		name, rows string
		faults     map[int]ecwidtest.Fault // of the n-th PUT
		taken      int                     // before the n-th PUT somebody else gives b to group 3
		puts       []string
		holding    string
		records    []string
	}{
		{
			name: "the id is put back", rows: swap,
			puts: []string{clearB, putB, restoreB}, holding: "1:a 2:b 3:",
			records: []string{refused(3, " and put back"), failedA},
		},
		{
			name: "after a 429 and a reset", rows: swap,
			faults: map[int]ecwidtest.Fault{3: ecwidtest.RateLimited("1"), 4: ecwidtest.Reset().Applied()},
			puts:   []string{clearB, putB, restoreB, restoreB, restoreB}, holding: "1:a 2:b 3:",
			records: []string{refused(5, " and put back"), failedA},
		},
		{
			name: "the first PUT that clears has an unknown result", rows: swap,
			faults: map[int]ecwidtest.Fault{1: ecwidtest.Reset().Applied()},
			puts:   []string{clearB, clearB, putB, restoreB}, holding: "1:a 2:b 3:",
			records: []string{refused(4, " and put back"), failedA},
		},
		{
			name: "the attempts of the row are used up", rows: swap,
			faults: map[int]ecwidtest.Fault{2: ecwidtest.Status(500, "", ""), 3: ecwidtest.Status(500, "", "")},
			puts:   []string{clearB, putB, putB, restoreB, putA}, holding: "1:a 2:b 3:",
			records: []string{`failed,,500,4,"Ecwid returned 500 (Internal Server Error); ""b"" was cleared in group 2 for this row and put back"`, `failed,,409,1,"externalReferenceId ""a"" belongs to another group of the store: Ecwid returned 409 EXTERNAL_ID_ALREADY_USED: externalReferenceId ""a"" is used by customer group #1"`},
		},
		{
			name: "the attempts to put it back are used up", rows: swap,
			faults: map[int]ecwidtest.Fault{3: ecwidtest.Status(500, "", ""), 4: ecwidtest.Status(500, "", "")},
			puts:   []string{clearB, putB, restoreB, restoreB}, holding: "1:a 2: 3:",
			records: []string{refused(4, " and could not be put back: Ecwid returned 500 (Internal Server Error)"), failedA},
		},
		{
			name: "somebody else took it", rows: swap, taken: 3,
			puts: []string{clearB, putB, restoreB}, holding: "1:a 2: 3:b",
			records: []string{refused(3, " and could not be put back: "+idUsed), failedA},
		},
		{
			name: "somebody else took it before the row was sent", rows: "1,fine,b\n2,,a\n", taken: 2,
			puts: []string{clearB, putFine, restoreB}, holding: "1:a 2: 3:b",
			records: []string{`failed,,409,3,"externalReferenceId ""b"" belongs to another group of the store: Ecwid returned 409 EXTERNAL_ID_ALREADY_USED: externalReferenceId ""b"" i…; ""b"" was cleared in group 2 for this row and could not be put back: ` + idUsed + `"`, failedA},
		},
		{
			name: "the store clears nothing", rows: swap,
			faults: map[int]ecwidtest.Fault{1: ecwidtest.Status(422, "", "")},
			puts:   []string{clearB, putB}, holding: "1:a 2:b 3:",
			records: []string{`failed,,422,2,Ecwid returned 422 WRONG_PARAMETER: the name is refused`, failedA},
		},
		{
			name: "the row that is to release it is refused", rows: "1,,b\n2,refused,a\n",
			puts: []string{clearB, `1 {"name":"group 1","externalReferenceId":"b"}`, `2 {"name":"refused","externalReferenceId":"a"}`}, holding: "1:b 2: 3:",
			records: []string{"updated,1,200,2,", `failed,,422,1,"Ecwid returned 422 WRONG_PARAMETER: the name is refused; group 2 has no externalReferenceId: ""b"" was transferred to group 1 for line 2"`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, "groupId,name,externalReferenceId\n"+c.rows, ecwidtest.Options{Groups: groupsOf("1:a 2:b 3:")})
				n := 0
				tr.server.SetFault(func(r ecwidtest.Request) ecwidtest.Fault {
					if r.Method != "PUT" {
						return ecwidtest.Fault{}
					}
					n++
					if n == c.taken {
						tr.server.SetGroup(ecwidtest.Group{ID: 3, Name: "group 3", ExternalReferenceID: "b"})
					}
					if f, ok := c.faults[n]; ok {
						return f
					}
					return refuseName(r)
				})
				if _, err := tr.run(tr.listing(func(j *Job) { j.MaxAttempts = 2 })...); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.puts, tr.puts()); diff != "" {
					t.Error(diff)
				}
				if got := tr.externalIDs(); got != c.holding {
					t.Errorf("the store holds %s, want %s", got, c.holding)
				}
				if diff := cmp.Diff(c.records, tr.outcomes()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// A run that is stopped after it has cleared an id still sends the row that wants it, and puts the id back if the row is
// refused.
func TestStopAfterClearing(t *testing.T) {
	record := map[string]string{"fine": "updated,1,200,2,", refusedName: "failed,,422,3,"}
	for name, want := range map[string]string{"fine": "1:b 2:", refusedName: "1:a 2:b"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t, "groupId,name,externalReferenceId\n1,"+name+",b\n2,,a\n", ecwidtest.Options{Groups: groupsOf("1:a 2:b")})
				ctx, stop := context.WithCancel(t.Context())
				tr.server.SetFault(func(r ecwidtest.Request) ecwidtest.Fault {
					if r.Method == "PUT" {
						stop()
					}
					return refuseName(r)
				})
				_, err := tr.job(t.Context(), tr.listing()...).Run(ctx)
				if _, interrupted := errors.AsType[*InterruptedError](err); !interrupted {
					t.Fatal(err)
				}
				if got := tr.externalIDs(); got != want {
					t.Errorf("the store holds %s, want %s", got, want)
				}
				if got := strings.Join(tr.outcomes(), "\n"); !strings.HasPrefix(got, record[name]) {
					t.Errorf("the records are %q, want the first to begin with %q", got, record[name])
				}
			})
		})
	}
}

// A long reason is truncated so that its note is complete.
func TestWithNote(t *testing.T) {
	got := withNote(strings.Repeat("x", 1000), "the note")
	if o := quote.OneLine(got); o != got || !strings.HasSuffix(got, "x…; the note") {
		t.Error(got)
	}
}
