package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"groupsync/sync/groupfile"

	"github.com/rs/zerolog"
)

// A wait that is long enough to be noticed is logged at the default level.
func TestLongWaitsAreLogged(t *testing.T) {
	for wait, want := range map[time.Duration]string{time.Second: `"level":"debug"`, 15 * time.Minute: `"level":"warn"`} {
		var out bytes.Buffer
		hooks := waitHooks(zerolog.New(&out))
		hooks.Retry(groupfile.Row{Line: 7}, errors.New("503"), wait)
		hooks.ListRetry(errors.New("503"), wait)
		if n := strings.Count(out.String(), want); n != 2 || strings.Count(out.String(), `"line":`) != 1 {
			t.Errorf("%v: got %s", wait, out.String())
		}
	}
}
