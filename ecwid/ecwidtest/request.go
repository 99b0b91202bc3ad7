package ecwidtest

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Request is a request that the server received as a whole.
type Request struct {
	N       int       // 1, 2, 3 … in order of arrival
	Arrived time.Time // when it counted against the quota, and was applied
	// Answered is when its response began, or when the client disconnected or the server was closed; zero before that.
	Answered time.Time

	Method, Path, Query, Body string
	Header                    http.Header // must not be changed
	GroupID                   int32       // from its path; 0: none, or not valid
	Status                    int         // of its response; 0: there was none
}

// log keeps the requests that arrived.
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

// finish records the status of the response to request n.
func (l *log) finish(n, status int) {
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

// busiest returns the highest number of requests that arrived within any window.
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
