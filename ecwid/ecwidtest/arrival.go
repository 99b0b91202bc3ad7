package ecwidtest

import (
	"context"
	"io"
	"net/http"
	"time"
)

// ServeHTTP answers one request of the API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.begin() {
		panic(http.ErrAbortHandler)
	}
	defer s.inFlight.Done()
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		panic(http.ErrAbortHandler) // it never arrived whole
	}
	n, a, f, latency := s.arrive(r, body)
	if !s.wait(r.Context(), latency+f.delay) || f.kind == stall && !s.wait(r.Context(), forever) {
		s.log.settle(n, 0)
		panic(http.ErrAbortHandler)
	}
	// Settled before the first byte leaves: who has read an answer finds it in Requests.
	s.log.settle(n, f.status(a))
	f.write(w, a)
}

// begin counts a request in, unless the server is closed.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.inFlight.Add(1)
	}
	return !s.closed
}

// arrive lets one request take its effect: it is what happens in the order of Request.N.
func (s *Server) arrive(r *http.Request, body []byte) (n int, a answer, f Fault, latency time.Duration) {
	s.arriving.Lock()
	defer s.arriving.Unlock()
	now := time.Now()
	c := newCall(r, body)
	s.arrived++
	req := Request{
		N: s.arrived, Arrived: now,
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Body: string(body), Header: r.Header,
		GroupID: c.groupID,
	}
	s.log.add(req)
	f = (*s.fault.Load())(req)
	if s.options.Latency != nil {
		latency = s.options.Latency()
	}
	a, ok := s.admit(c, now)
	switch {
	case ok && (!f.spoils() || f.applied || r.Method == http.MethodGet):
		a = s.serve(c)
	case ok:
		a = updateCount(1) // what half a body is half of
	}
	return req.N, a, f, latency
}

// forever is a wait that only the client's leaving or Close ends.
const forever time.Duration = -1

// wait reports whether d has passed with the client and the server still there.
func (s *Server) wait(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return true
	}
	var passed <-chan time.Time // nil: not a far timer, which virtual time would jump to
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		passed = timer.C
	}
	select {
	case <-passed:
		return true
	case <-ctx.Done():
	case <-s.closing:
	}
	return false
}
