package ecwidtest

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestQuota sends requests at the given times, with a quota of 3 a minute.
func TestQuota(t *testing.T) {
	type arrival struct {
		at         time.Duration // since the first
		retryAfter string        // "" if the request is accepted
	}
	tests := []struct {
		name         string
		countRefused bool
		arrivals     []arrival
	}{
		{
			// The window slides: a request counts for exactly one minute.
			"sliding", false,
			[]arrival{
				{0, ""},
				{10 * time.Second, ""},
				{20 * time.Second, ""},
				{30 * time.Second, "30"},
				{time.Minute - time.Nanosecond, "1"},
				{time.Minute, ""},
				{time.Minute, "10"},
				{70 * time.Second, ""},
			},
		},
		{
			// A fraction of a second is rounded up.
			"rounded up", false,
			[]arrival{{0, ""}, {0, ""}, {0, ""}, {500 * time.Millisecond, "60"}, {1500 * time.Millisecond, "59"}},
		},
		{
			// A client that does not wait has to wait longer.
			"refused requests count", true,
			[]arrival{
				{0, ""},
				{10 * time.Second, ""},
				{20 * time.Second, ""},
				{30 * time.Second, "40"},
				{69 * time.Second, "11"},
				{80 * time.Second, ""},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := NewMemoryServer(Options{AnyGroup: true, Quota: 3, CountRefused: tt.countRefused})
				defer s.Close()
				start := time.Now()
				name := "Group 17"
				for i, a := range tt.arrivals {
					time.Sleep(a.at - time.Since(start))
					next := string(rune('A' + i))
					got := put(s, "customer_groups/17", `{"name":"`+next+`"}`)
					status := 200
					if a.retryAfter != "" {
						status = 429
					} else {
						name = next
					}
					if got.status != status || got.header.Get("Retry-After") != a.retryAfter {
						t.Errorf("at %v: got %d, Retry-After %q (%v), want %d, %q", a.at, got.status, got.header.Get("Retry-After"), got.err, status, a.retryAfter)
					}
					if got := s.Groups()[1].Name; got != name {
						t.Errorf("at %v: the name is %q, want %q", a.at, got, name)
					}
				}
			})
		})
	}
}

// The quota counts arrivals, regardless of the latency, and only those with the token.
func TestQuotaAtArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewMemoryServer(Options{
			AnyGroup: true, Quota: 600,
			Latency: func() time.Duration { return 2 * time.Minute },
		})
		defer s.Close()
		for range 50 {
			sendTo(s, "GET", s.URL+"/1003/customer_groups/1", "Bearer secret_other", "", "")
		}
		start := time.Now()
		var mu sync.Mutex
		count := map[int]int{}
		var clients sync.WaitGroup
		for range 700 {
			clients.Go(func() {
				got := put(s, "customer_groups/17", `{"name":"A"}`)
				mu.Lock()
				defer mu.Unlock()
				count[got.status]++
			})
		}
		clients.Wait()
		if count[200] != 600 || count[429] != 100 || time.Since(start) != 2*time.Minute {
			t.Errorf("got %v in %v, want 600 × 200, 100 × 429 in 2m", count, time.Since(start))
		}
		if got := s.Busiest(time.Minute); got != 700 {
			t.Errorf("the busiest minute holds %d, want 700", got)
		}
	})
}

func TestBusiest(t *testing.T) {
	tests := []struct {
		name string
		at   []time.Duration
		want int
	}{
		{"none", nil, 0},
		{"one", []time.Duration{0}, 1},
		{"exactly one window apart", []time.Duration{0, time.Minute}, 1},
		{"just within", []time.Duration{0, time.Minute - 1}, 2},
		{"across the minute", []time.Duration{0, 50 * time.Second, 55 * time.Second, 65 * time.Second, 111 * time.Second}, 3},
	}
	for _, tt := range tests {
		var requests []Request
		for _, at := range tt.at {
			requests = append(requests, Request{Arrived: time.Unix(0, 0).Add(at)})
		}
		if got := busiest(requests, time.Minute); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}
