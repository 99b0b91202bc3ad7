// Package ecwidtest emulates the part of the Ecwid API that groupsync calls, as net/http/httptest
// emulates a server: for tests, for the demo, and for load.
//
//	client ── loopback or net.Pipe ── arrival: fault?, token, quota, change ── latency ── answer
//
// What a request does to the store, and what it counts against the quota, happens at its arrival, one
// request after the other; only the answer waits. It is no laxer than the real API: a request that the
// real one might misread is refused with 400 and a message that says why.
//
// One point of strictness needs a decision. JSON is UTF-8 by definition, and the sample in Ecwid's
// documentation sends "Content-Type: application/json" alone; so that is accepted while the body is
// plain ASCII. A body with other characters must say charset=utf-8, and any other charset is refused.
package ecwidtest

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Path is where the API begins on its host.
const Path = "/api/v3"

// maxBody bounds the body of a request, in bytes.
const maxBody = 64 << 10

// Server is an emulated store. Its methods may be called at any time and from anywhere, from a
// fault function too.
type Server struct {
	// URL is the base of the API, such as http://127.0.0.1:41234/api/v3. It is "" before Start.
	URL string

	options Options
	store   *store
	log     log
	client  *http.Client
	fault   atomic.Pointer[func(Request) Fault]
	revoked atomic.Bool
	refused atomic.Int64

	arriving sync.Mutex // held while one request arrives
	arrived  int
	quota    *quota

	http    *http.Server
	closing chan struct{}

	mu       sync.Mutex // guards closed, and inFlight against a late Add
	closed   bool
	inFlight sync.WaitGroup
}

// New is a server that does not listen yet: Start it, or serve it as the http.Handler it is.
// Close ends it in either case.
func New(o Options) *Server {
	o = o.withDefaults()
	s := &Server{
		options: o,
		store:   newStore(o),
		quota:   newQuota(o),
		closing: make(chan struct{}),
		// No proxy: the server is on this machine, or in this process.
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 10_000}},
	}
	s.log.discard = o.Discard
	s.SetFault(o.Fault)
	s.http = &http.Server{Handler: s}
	return s
}

// NewServer is a server that listens on a free port of the loopback interface.
// It panics if there is none, as httptest does.
func NewServer(o Options) *Server {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic("ecwidtest: " + err.Error())
	}
	s := New(o)
	s.Start(l)
	return s
}

// Start serves l until Close, in the background, and sets URL.
func (s *Server) Start(l net.Listener) {
	s.URL = "http://" + l.Addr().String() + Path
	go s.http.Serve(l)
}

// Close cuts every connection, answers that are still held back included, and waits for the
// handlers to end. What the server holds can be asked for afterwards.
func (s *Server) Close() {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()
	if first {
		close(s.closing)
		s.http.Close()
	}
	s.inFlight.Wait()
	s.client.CloseIdleConnections()
}

// Client reaches the server, whichever kind it is. It is one client: the same at every call.
func (s *Server) Client() *http.Client { return s.client }

// Store is the id of the store.
func (s *Server) Store() string { return s.options.Store }

// Token is the token that the store takes, unless it has been revoked.
func (s *Server) Token() string { return s.options.Token }

// Groups are the customer groups as they stand, by id, group 0 included.
func (s *Server) Groups() []Group { return s.store.list() }

// SetGroup adds g, or replaces the group of its id, behind the client's back.
// An external id that another group holds moves to g.
func (s *Server) SetGroup(g Group) { s.store.set(g) }

// DeleteGroup deletes a group behind the client's back. Under Options.AnyGroup the next touch brings it back.
func (s *Server) DeleteGroup(id int32) { s.store.delete(id) }

// RevokeToken makes the store refuse its token from the next arrival on.
func (s *Server) RevokeToken() { s.revoked.Store(true) }

// SetFault replaces Options.Fault from the next arrival on; nil: no faults.
func (s *Server) SetFault(f func(Request) Fault) {
	if f == nil {
		f = func(Request) Fault { return Fault{} }
	}
	s.fault.Store(&f)
}

// Requests are the requests that arrived, in that order. It is empty under Options.Discard.
func (s *Server) Requests() []Request { return s.log.all() }

// Busiest is the largest number of requests, refused ones included, that arrived within any window
// of that length. A request and another that comes exactly one window later do not share one.
// It is 0 under Options.Discard.
func (s *Server) Busiest(window time.Duration) int { return busiest(s.log.all(), window) }

// Unauthorized is how many requests came with no token, or not with the store's. Ecwid blocks an
// address after twenty in a minute; the emulator only counts.
func (s *Server) Unauthorized() int { return int(s.refused.Load()) }
