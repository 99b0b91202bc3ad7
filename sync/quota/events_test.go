package quota

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// An event that takes its time is over before the next one begins, and the pacer does not wait for it.
func TestEventsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		slow := func(event string) {
			got = append(got, event)
			time.Sleep(time.Minute)
			got = append(got, "end of "+event)
		}
		p := NewGate(Rate{600, time.Minute}, time.Time{}, 20, time.Hour, Events{
			Paused: func(_ time.Time, retryAfter time.Duration) { slow(fmt.Sprintf("pause of %v", retryAfter)) },
			Outage: func(time.Time, time.Time, error) { slow("outage") },
			Back:   func(time.Duration) { slow("back") },
		})
		began := time.Now()
		for _, v := range []Result{NoResponse, Responded, RateLimited} {
			a, err := p.Enter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			go a.Done(v, 7*time.Second, errors.New("reset"))
			synctest.Wait()
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("the pacer was held up for %v", took)
		}
		time.Sleep(time.Hour)
		want := []string{"outage", "end of outage", "back", "end of back", "pause of 7s", "end of pause of 7s"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
	})
}
