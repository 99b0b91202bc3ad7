// Package ecwidtest provides an emulator of the customer groups of the Ecwid API, for tests, demonstrations
// and load tests, like net/http/httptest.
//
//	client ── loopback or net.Pipe ── arrival: fault, token, quota, change ── latency ── response
//
// A request counts against the quota, and changes the store, when it arrives, one request after the other;
// only the response waits. The emulator is at least as strict as the real API: it refuses a request that the
// real API might interpret differently than intended, with a 400 and a message that says why.
//
// Where to look: options.go configures the emulator, fault.go makes faults, arrival.go decides about a request when it
// arrives, change.go parses the body of a PUT, store.go applies it, query.go reads the parameters of a list, and quota.go
// counts requests.
//
// The real API does not document which charset it assumes. The sample in Ecwid's documentation sends
// "Content-Type: application/json" alone: the emulator accepts that if the body is plain ASCII. A body with
// other characters must have charset=utf-8, and any other charset is refused.
package ecwidtest

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Path is the path of the API on its host.
const Path = "/api/v3"

// maxBody bounds the body of a request, in bytes.
const maxBody = 64 << 10

// Server is an emulated store. Its methods may be called concurrently, and from a fault function.
type Server struct {
	// URL is the base of the API, such as http://127.0.0.1:41234/api/v3. It is "" before Start.
	URL string

	options      Options
	store        *store
	log          log
	client       *http.Client
	fault        atomic.Pointer[func(Request) Fault]
	revoked      atomic.Bool
	unauthorized atomic.Int64

	arriving sync.Mutex // held while one request arrives
	arrived  int
	quota    *quota

	http    *http.Server
	closing chan struct{}

	mu       sync.Mutex // guards closed, and inFlight against a late Add
	closed   bool
	inFlight sync.WaitGroup
}

// New returns a server that does not listen. Call Start, or use the server as an http.Handler.
// Call Close in either case.
func New(o Options) *Server {
	o = o.withDefaults()
	s := &Server{
		options: o,
		store:   newStore(o),
		quota:   newQuota(o),
		closing: make(chan struct{}),
		// Without a proxy: the server is on this machine, or in this process.
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 10_000}},
	}
	s.log.discard = o.Discard
	s.SetFault(o.Fault)
	s.http = &http.Server{Handler: s}
	return s
}

// NewServer returns a server that listens on a free port of the loopback interface.
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

// Close closes every connection, including those that wait for a response, and waits until the handlers have
// returned. Groups and Requests can be called afterwards.
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

// Client returns a client that reaches the server, over a socket or in memory. Every call returns the same client.
func (s *Server) Client() *http.Client { return s.client }

// Store returns the id of the store.
func (s *Server) Store() string { return s.options.Store }

// Token returns the token that the store accepts, unless it was revoked.
func (s *Server) Token() string { return s.options.Token }

// Groups returns the current customer groups by id, group 0 included.
func (s *Server) Groups() []Group { return s.store.list() }

// SetGroup adds g, or replaces the group with its id, without a request.
// If another group has the external id of g, that group loses it.
func (s *Server) SetGroup(g Group) { s.store.set(g) }

// DeleteGroup deletes a group without a request. With Options.AnyGroup, the next request for it creates it again.
func (s *Server) DeleteGroup(id int32) { s.store.delete(id) }

// RevokeToken makes the store refuse its token from the next request on.
func (s *Server) RevokeToken() { s.revoked.Store(true) }

// SetFault replaces Options.Fault from the next request on. Nil means no faults.
func (s *Server) SetFault(f func(Request) Fault) {
	if f == nil {
		f = func(Request) Fault { return Fault{} }
	}
	s.fault.Store(&f)
}

// Requests returns the requests in order of arrival. It is empty with Options.Discard.
func (s *Server) Requests() []Request { return s.log.all() }

// Busiest returns the highest number of requests, refused ones included, that arrived within any window
// of that length. Two requests that are exactly that far apart are not in one window.
// It is 0 with Options.Discard.
func (s *Server) Busiest(window time.Duration) int { return busiest(s.log.all(), window) }

// Unauthorized returns the number of requests without the store's token. Ecwid blocks an address
// after twenty in a minute; the emulator only counts.
func (s *Server) Unauthorized() int { return int(s.unauthorized.Load()) }
