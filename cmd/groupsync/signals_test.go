package main

import (
	"os"
	"syscall"
	"testing"
)

// A terminal that closes sends SIGHUP twice: requests in flight may still finish.
func TestSecondSignal(t *testing.T) {
	for name, c := range map[string]struct {
		signals []os.Signal
		want    bool
	}{
		"none":                             {nil, false},
		"a terminal closes":                {[]os.Signal{syscall.SIGHUP}, false},
		"a person":                         {[]os.Signal{os.Interrupt}, true},
		"a terminal closes, then a person": {[]os.Signal{syscall.SIGHUP, syscall.SIGTERM}, true},
	} {
		signals, ended := make(chan os.Signal), make(chan struct{})
		go func() {
			for _, s := range c.signals {
				signals <- s
			}
			close(ended)
		}()
		if got := secondSignal(signals, ended); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
