package sync

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/journal"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Records that were removed from the results may be far apart.
func TestRecordsRemovedFarApart(t *testing.T) {
	tr := newTrial(t, rows(3*window), ecwidtest.Options{AnyGroup: true})
	if _, err := tr.run(fast); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(tr.path)
	if err != nil {
		t.Fatal(err)
	}
	records := strings.SplitAfter(string(data), "\n")
	records = slices.Delete(slices.Delete(records, 2*window, 2*window+1), 5, 6)
	if err := os.WriteFile(tr.path, []byte(strings.Join(records, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.run(fast); err != nil {
		t.Fatal(err)
	}
	tr.wantAll(3*window, journal.Updated)
	if n := len(tr.server.Requests()); n != 3*window+2 {
		t.Errorf("%d requests, want %d", n, 3*window+2)
	}
}

// If a row is sent again, so are the later rows of its group, so that the last one wins, as in a single run.
func TestRemovedRecordResendsLaterRows(t *testing.T) {
	for _, c := range []struct {
		name, key string
		input     string
		removed   []int // records, from 0
		again     []string
	}{
		{"the first of three", "", "groupId,name\n1,first\n2,two\n1,last\n", []int{0}, []string{`1 {"name":"first"}`, `1 {"name":"last"}`}},
		{"the last of three", "", "groupId,name\n1,first\n2,two\n1,last\n", []int{2}, []string{`1 {"name":"last"}`}},
		{"a row that cannot be sent", "", "groupId,name\n1,\n2,two\n1,last\n", []int{0}, nil},
		{"another spelling of the group id", "", "groupId,name\n01,first\n2,two\n1.0,last\n", []int{0}, []string{`1 {"name":"first"}`, `1 {"name":"last"}`}},
		{
			"found by its key", "externalReferenceId", "externalReferenceId,name\nerp-1,first\nerp-2,two\nerp-1,last\n",
			[]int{0},
			[]string{`1 {"name":"first"}`, `1 {"name":"last"}`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, limit := range []int{0, 1} {
				synctest.Test(t, func(t *testing.T) {
					tr := newTrial(t, c.input, ecwidtest.Options{Groups: storeOf(3)})
					tr.key = c.key
					if _, err := tr.run(); err != nil {
						t.Fatal(err)
					}
					whole, err := os.ReadFile(tr.path)
					if err != nil {
						t.Fatal(err)
					}
					records := strings.SplitAfter(string(whole), "\n")
					for _, i := range slices.Backward(c.removed) {
						records = slices.Delete(records, i+1, i+2)
					}
					if err := os.WriteFile(tr.path, []byte(strings.Join(records, "")), 0o644); err != nil {
						t.Fatal(err)
					}
					before := len(tr.puts())
					for range 5 {
						if _, err = tr.run(func(j *Job) { j.Limit = limit }); err == nil {
							break
						}
					}
					if diff := cmp.Diff(c.again, tr.puts()[before:], cmpopts.EquateEmpty()); err != nil || diff != "" {
						t.Errorf("limit %d: %v, sent again: %s", limit, err, diff)
					}
					if after, _ := os.ReadFile(tr.path); string(after) != string(whole) {
						t.Errorf("limit %d: the results are %s", limit, after)
					}
				})
			}
		})
	}
}

// quoted returns CSV data with quotes around each cell, as some programs write it.
func quoted(csv string) string {
	lines := strings.Split(strings.TrimSuffix(csv, "\n"), "\n")
	for i, line := range lines {
		lines[i] = `"` + strings.ReplaceAll(line, ",", `","`) + "\"\n"
	}
	return strings.Join(lines, "")
}

// A run that resumes must cope with any contents of the journal.
func TestResume(t *testing.T) {
	const head = "line,groupId,name,externalReferenceId,status,updateCount,httpStatus,attempts,error,storeId\n"
	record := func(i int) string { return fmt.Sprintf("%d,%d,name %d,erp-%d,updated,1,200,1,,1003\n", i+1, i, i, i) }
	for _, c := range []struct {
		name    string
		journal string
		refused string // part of the error; "": the run continues
		sent    int    // the requests of a run of five rows
	}{
		{"an empty file", "", "", 5},
		{"a torn header", head[:20], "", 5},
		{"a header", head, "", 5},
		{"two rows", head + record(1) + record(2), "", 3},
		{"all rows", head + record(1) + record(2) + record(3) + record(4) + record(5), "", 0},
		{"a torn record", head + record(1) + record(2)[:9], "", 4},
		{"a record without its line end is torn", head + record(1) + strings.TrimSuffix(record(2), "\n"), "", 4},
		{"a record torn inside its quotes", head + record(1) + "3,2,\"na\nme", "", 4},
		{"a torn record after all rows", head + record(1) + record(2) + record(3) + record(4) + record(5) + "7,", "", 0},
		{"an unsettled row between records", head + record(1) + record(3) + record(4), "", 2},
		{"the first row is unsettled", head + record(5), "", 4},
		{"saved with other line endings", strings.ReplaceAll(head+record(1), "\n", "\r\n"), "", 4},
		{"saved with quotes around all cells", quoted(head + record(1) + record(2)), "", 3},
		{"saved with semicolons and quotes around all cells", strings.ReplaceAll(quoted(head+record(1)), ",", ";"), "", 4},
		{"a torn header with quotes", strings.TrimSuffix(quoted(head), "\n"), "", 5},
		{"another CSV file", "groupId,name\n1,x\n", "not a results file", 0},
		{"plain text", "hello", "not a results file", 0},
		{"another store", head + strings.Replace(record(1), ",1003\n", ",42\n", 1), `line 2: these are the results of store "42"`, 0},
		{"the sandbox", head + strings.Replace(record(1), ",1003\n", ",sandbox\n", 1), `results of store "sandbox"`, 0},
		{"another name", head + record(1) + strings.Replace(record(2), "name 2", "name two", 1), "line 3: the record does not match line 3", 0},
		{"a line after the end of the input", head + "9,9,name 9,erp-9,updated,1,200,1,,1003\n", "the input ends before that", 0},
		{"a line between the rows", head + record(1) + "2,2,name 2,erp-2,updated,1,200,1,,1003\n", "line 3", 0},
		{"a record twice", head + record(1) + record(1), "line 3", 0},
		{"an unknown status", head + strings.Replace(record(1), "updated", "done", 1), "not a record that groupsync wrote", 0},
		{"a broken record in the middle", head + record(1) + "3,2,\"na\"me\n" + record(3), "line 3: this is not a record", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := newTrial(t, rows(5), ecwidtest.Options{AnyGroup: true})
			if err := os.WriteFile(tr.path, []byte(c.journal), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := tr.run(fast)
			if n := len(tr.server.Requests()); n != c.sent {
				t.Errorf("%d requests, want %d", n, c.sent)
			}
			if c.refused == "" {
				if err != nil {
					t.Fatal(err)
				}
				if !strings.ContainsAny(c.journal, "\r\"") {
					tr.wantAll(5, journal.Updated)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.refused) || !strings.Contains(err.Error(), tr.path) {
				t.Errorf("got %v, want %q", err, c.refused)
			}
			if data, _ := os.ReadFile(tr.path); string(data) != c.journal {
				t.Errorf("the refused results were changed to %q", data)
			}
			if _, err := os.Stat(tr.path + ".lock"); !os.IsNotExist(err) {
				t.Errorf("the lock was left behind: %v", err)
			}
		})
	}
}

// The journal echoes whatever cells a CSV file can hold, including those of rows that cannot be sent.
func TestResumeEchoesHostileCells(t *testing.T) {
	input := "groupId,name,externalReferenceId\n" +
		"1,\"a\r\nb\",\n2,\"a\rb\",\n3,\"a\r\r\nb\",\n4,\"\n\n\",x\n\"5\",\"\"\"\",\n6, blank , x \n7,\x00,\n8,\xff\xfe,\n9,\\.,\n" +
		"10,\"never closed,\n11,a\"b,c\n12,=1+1,@x\n13,\ufeffmark,\n,,\n,x,\n14,ok,ok\n"
	for limit := 1; limit < 16; limit++ {
		tr := newTrial(t, input, ecwidtest.Options{AnyGroup: true})
		for range 20 {
			if _, err := tr.run(fast, func(j *Job) { j.Limit = limit }); err == nil {
				break
			} else if _, ok := errors.AsType[*InterruptedError](err); !ok {
				t.Fatalf("limit %d: %v", limit, err)
			}
		}
		summary, err := tr.run(fast)
		if err != nil || summary.CompleteSince.IsZero() || summary.Total() != 15 {
			t.Fatalf("limit %d: %+v, %v", limit, summary, err)
		}
	}
}

// Whatever bytes a journal holds, there is no panic, and no complete record is lost, repeated or changed.
func FuzzResume(f *testing.F) {
	const head = "line,groupId,name,externalReferenceId,status,updateCount,httpStatus,attempts,error,storeId\n"
	f.Add([]byte(head + "2,1,name 1,erp-1,updated,1,200,1,,1003\n4,3,name 3,erp-3,failed,,404,1,gone,1003\n5,4,na"))
	f.Add([]byte(head + "2,1,name 1,erp-1,updated,1,200,1,\"a\nb\",1003\n3,2,\"name 2"))
	f.Add([]byte(head[:30]))
	f.Add([]byte("\xff\xfe\x00"))
	server := ecwidtest.NewMemoryServer(ecwidtest.Options{AnyGroup: true, Discard: true})
	f.Cleanup(server.Close)
	f.Fuzz(func(t *testing.T, data []byte) {
		tr := &trial{t: t, server: server, input: rows(5), path: filepath.Join(t.TempDir(), "results.csv")}
		if err := os.WriteFile(tr.path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := tr.run(fast)
		after, readErr := os.ReadFile(tr.path)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if _, ok := errors.AsType[*PanicError](err); ok {
			t.Fatal(err)
		}
		if err != nil {
			if !bytes.Equal(after, data) {
				t.Fatalf("%q was refused (%v) and changed to %q", data, err, after)
			}
			return
		}
		// Every complete record is unchanged, in the same order, and every row has one record.
		before, now := recordsOf(t, data), recordsOf(t, after)
		for i, r := range now {
			if want := fmt.Sprint(i + 2); r.Line != want {
				t.Fatalf("%q became %q: record %d is of line %s", data, after, i+1, r.Line)
			}
			if len(before) > 0 && before[0] == r {
				before = before[1:]
			}
		}
		if len(now) != 5 || len(before) != 0 {
			t.Fatalf("%q became %q: %d records, %d of the old ones lost", data, after, len(now), len(before))
		}
	})
}

// recordsOf returns the complete records of a results file.
func recordsOf(t *testing.T, results []byte) (all []journal.Record) {
	t.Helper()
	for r, err := range journal.Records(bytes.NewReader(results)) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}
