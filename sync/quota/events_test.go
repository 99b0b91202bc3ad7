package quota

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// A slow event ends before the next one begins, and requests do not wait for it.
func TestEventsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		slow := func(event string) {
			got = append(got, event)
			time.Sleep(time.Minute)
			got = append(got, "end of "+event)
		}
		gate := NewGate(Options{
			Rate: Rate{600, time.Minute}, OutageAfter: 20, MaxOutage: time.Hour,
			Events: Events{
				Paused: func(_ time.Time, retryAfter time.Duration) { slow(fmt.Sprintf("pause of %v", retryAfter)) },
				Outage: func(time.Time, time.Time, error) { slow("outage") },
				Back:   func(time.Duration) { slow("back") },
			},
		})
		began := time.Now()
		for _, done := range []func(Attempt){
			func(a Attempt) { a.Failed(NoResponse, errors.New("reset")) },
			Attempt.Responded,
			func(a Attempt) { a.RateLimited(7 * time.Second) },
		} {
			attempt, err := gate.Enter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			go done(attempt)
			synctest.Wait()
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("the requests took %v", took)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		want := []string{"outage", "end of outage", "back", "end of back", "pause of 7s", "end of pause of 7s"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
