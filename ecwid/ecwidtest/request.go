package ecwidtest

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Request is a request that reached the server whole, body included.
type Request struct {
	N       int       // 1, 2, 3 … in order of arrival
	Arrived time.Time // when it counted, and took its effect
	// Answered is when its answer began to leave, or when it was given up; zero: it still waits.
	Answered time.Time

	Method, Path, Query, Body string
	Header                    http.Header // not to be changed
	GroupID                   int32       // of its path; 0: none, or none that is valid
	Status                    int         // of its answer; 0: none left
}

// log is the requests that arrived.
type log struct {
	discard bool

	mu       sync.Mutex
	requests []Request // request N at N-1
}

func (l *log) add(r Request) {
	if l.discard {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, r)
}

// settle notes what became of request n.
func (l *log) settle(n, status int) {
	if l.discard {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests[n-1].Status = status
	l.requests[n-1].Answered = time.Now()
}

func (l *log) all() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.requests)
}

// busiest is the largest number of requests that arrived within any window.
func busiest(requests []Request, window time.Duration) int {
	most, first := 0, 0
	for i, r := range requests {
		for r.Arrived.Sub(requests[first].Arrived) >= window && first < i {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}
