package quota

import (
	"fmt"
	"math"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	// maxProbeInterval is the longest wait between two probes of a store that is not responding.
	maxProbeInterval = time.Minute
	// maxSilence is how long the store may send no response at all before that counts as an outage.
	maxSilence = 30 * time.Second
)

// OutageError reports a store that did not respond for as long as an outage may last.
type OutageError struct {
	// Since is when the outage began.
	Since time.Time
	// Cause is the error of the last attempt.
	Cause error
	// Unreachable reports whether there never was a connection to the store.
	Unreachable bool
}

func (e *OutageError) Error() string {
	return fmt.Sprintf("the store has not responded since %s: %v", e.Since.UTC().Format(time.RFC3339), e.Cause)
}

func (e *OutageError) Unwrap() error { return e.Cause }

// Failure is the way in which an attempt with an unknown result failed.
type Failure int

const (
	ServerError  Failure = iota // a 5xx
	NoResponse                  // a connection, but no response
	NoConnection                // no connection
)

// outage decides whether the store is down. It has no clock and does not wait.
type outage struct {
	after         int           // how many attempts in a row make an outage
	longest       time.Duration // how long it may last
	connectWithin time.Duration // the same without any connection; 0: longest
	connected     bool          // there was a connection

	probing       bool      // one request at a time, until the store responds
	down          bool      // there is an outage
	failures      int       // attempts in a row that failed
	since         time.Time // when the first of them began, or the response that came before its failure
	cause         error     // the error of the last of them
	silentFrom    time.Time // since when there has been no response at all; zero: the last attempt got one
	responseAt    time.Time // when the latest response arrived, including a 5xx
	respondedAt   time.Time // when the latest response that is not a 5xx arrived
	lastResponded time.Time // when the newest request with such a response left

	probeAt time.Time // when the next probe may leave
	probes  *backoff.ExponentialBackOff
}

func newOutage(o Options) outage {
	probes := backoff.NewExponentialBackOff()
	probes.InitialInterval = time.Second
	probes.Multiplier = 2
	probes.MaxInterval = maxProbeInterval
	return outage{
		after: o.OutageAfter, longest: o.MaxOutage, connectWithin: o.ConnectWithin,
		probing: true, probes: probes,
	}
}

// failed records an attempt that failed, and reports whether an outage begins with it.
func (o *outage) failed(a Attempt, f Failure, now time.Time, cause error) (begins bool) {
	o.connected = o.connected || f != NoConnection
	if o.failures++; o.failures == 1 {
		o.since = latest(a.Began, o.respondedAt)
	}
	o.cause = cause
	if f == ServerError {
		o.responseAt, o.silentFrom = now, time.Time{}
	} else if o.silentFrom.IsZero() {
		o.silentFrom = latest(a.Began, o.responseAt)
	}
	if f == ServerError && !o.down {
		o.probing = false // the first request got a response that does not end the run
	}
	// Before the first response there is no sign that the store works: it is an outage at once.
	isOutage := o.failures >= o.after || o.probing || f != ServerError && now.Sub(o.silentFrom) >= o.maxSilence()
	switch {
	case isOutage && !o.down:
		o.down, o.probing = true, true
		o.probes.Reset()
		o.probeAt = now.Add(o.probes.NextBackOff())
		return true
	case a.alone && o.probing: // a probe, and not a request that was in flight when the outage began
		o.probeAt = now.Add(o.probes.NextBackOff())
	}
	return false
}

// responded records a response that is not a 5xx, and reports whether it ends an outage.
func (o *outage) responded(a Attempt, now time.Time) (ends bool) {
	ends = o.down
	o.connected = true
	o.lastResponded = latest(o.lastResponded, a.Began)
	o.respondedAt, o.responseAt, o.silentFrom = now, now, time.Time{}
	o.failures = 0
	o.down, o.probing = false, false
	return ends
}

// probeWait returns how long the next request waits while requests leave one at a time.
func (o *outage) probeWait(now time.Time, inFlight int) time.Duration {
	switch {
	case !o.probing:
		return 0
	case inFlight > 0:
		return time.Hour // or until they are done, which wakes the request
	}
	return o.probeAt.Sub(now)
}

// limitWait shortens a wait so that it does not last longer than an outage may.
func (o *outage) limitWait(wait time.Duration, now time.Time) time.Duration {
	if o.down {
		return min(wait, o.end().Sub(now))
	}
	return wait
}

// expired returns an error if the outage has lasted as long as it may.
func (o *outage) expired(now time.Time) error {
	if o.down && !now.Before(o.end()) {
		return &OutageError{o.since, o.cause, o.isUnreachable()}
	}
	return nil
}

// end returns the time at which the outage will have lasted as long as it may.
func (o *outage) end() time.Time {
	if o.isUnreachable() {
		return o.since.Add(min(o.connectWithin, o.longest))
	}
	return o.since.Add(o.longest)
}

func (o *outage) isUnreachable() bool { return o.connectWithin > 0 && !o.connected }

// untilOutage returns the time that is left until the lack of any response counts as an outage.
func (o *outage) untilOutage(now time.Time) time.Duration {
	if o.down || o.silentFrom.IsZero() {
		return math.MaxInt64
	}
	return o.silentFrom.Add(o.maxSilence()).Sub(now)
}

// maxSilence returns how long the store may send no response before that counts as an outage.
func (o *outage) maxSilence() time.Duration {
	return max(min(maxSilence, o.longest), time.Second)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
