package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"groupsync/sync"
	"groupsync/sync/groupfile"
	"groupsync/sync/journal"
	"groupsync/sync/quota"
)

// Without a terminal, one line a minute says that the run is still active, even while it waits for the store.
func TestAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stderr bytes.Buffer
		c := &syncCmd{inputFlags: inputFlags{readingFlags: readingFlags{File: "in.csv"}}, logFlags: logFlags{LogFormat: "json", LogLevel: "info"}}
		out := newOutput(&program{getenv: os.Getenv, args: []string{"groupsync", "sync", "in.csv"}, stderr: &stderr}, c, nil)
		job := &sync.Job{Rate: quota.Rate{Requests: 600, Window: time.Minute}}
		out.start(t.Context(), job, nil)
		for range 5 {
			job.Hooks.Settled(sync.Outcome{Row: &groupfile.Row{}, Status: journal.Updated})
		}
		job.Hooks.Outage(time.Now(), time.Now().Add(time.Hour), nil)
		time.Sleep(3*time.Minute + time.Second)
		out.stop()
		if got := strings.Count(stderr.String(), `"message":"running"`); got != 3 {
			t.Errorf("%d lines say that the run is still active, want 3:\n%s", got, &stderr)
		}
		if !strings.Contains(stderr.String(), `"updated":5,"state":"store not responding since 00:00:00 UTC"`) {
			t.Errorf("the lines lack the progress:\n%s", &stderr)
		}
	})
}
