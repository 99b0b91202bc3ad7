package quota

import (
	"testing"
	"time"
)

func TestParseRate(t *testing.T) {
	for s, want := range map[string]Rate{
		"600/m":     {600, time.Minute},
		"1/s":       {1, time.Second},
		"36000/h":   {36000, time.Hour},
		"1000000/s": {1000000, time.Second},
	} {
		if got, err := ParseRate(s); got != want || err != nil || got.String() != s {
			t.Errorf("%s: got %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "0", "0/m", "-1/m", "600", "600/", "600/d", "fast", "1.5/s", "600/m/m", " 600/m", "99999999999/s"} {
		if got, err := ParseRate(s); err == nil {
			t.Errorf("%q was parsed as %v, want an error", s, got)
		}
	}
}
