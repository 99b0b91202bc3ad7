package ecwidtest

import (
	"context"
	"io"
	"net/http"
	"time"
)

// ServeHTTP responds to one request of the API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.begin() {
		panic(http.ErrAbortHandler)
	}
	defer s.inFlight.Done()
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		panic(http.ErrAbortHandler) // the request did not arrive completely
	}
	n, resp, f, latency := s.arrive(r, body)
	if !s.wait(r.Context(), latency+f.delay) || f.kind == stall && !s.wait(r.Context(), forever) {
		s.log.finish(n, 0)
		panic(http.ErrAbortHandler)
	}
	// This comes before the first byte is sent: a client that has read the response must find it in Requests.
	s.log.finish(n, f.status(resp))
	f.write(w, resp)
}

// begin registers a request, unless the server is closed.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.inFlight.Add(1)
	}
	return !s.closed
}

// arrive applies one request. Requests are applied in the order of Request.N.
func (s *Server) arrive(r *http.Request, body []byte) (n int, resp response, f Fault, latency time.Duration) {
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
	resp, ok := s.admit(c, now)
	switch {
	case ok && (!f.altersResponse() || f.applied || r.Method == http.MethodGet):
		resp = s.serve(c)
	case ok:
		resp = updateCount(1) // for HalfBody
	}
	return req.N, resp, f, latency
}

// forever is a wait that ends only when the client disconnects or the server is closed.
const forever time.Duration = -1

// wait waits for d. It returns false if the client disconnects, or the server is closed, before that.
func (s *Server) wait(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return true
	}
	var passed <-chan time.Time // nil for forever: virtual time would jump to a timer in the far future
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
