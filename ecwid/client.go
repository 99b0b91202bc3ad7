// Package ecwid is a client for the customer groups of the Ecwid REST API.
//
// A [Client] belongs to one store and one token. Each method sends one request, once: the package does not
// wait, limit the rate or retry. The caller must do so, because Ecwid allows 600 requests a minute per token, and
// blocks a token for much longer if the client keeps sending after a 429.
//
// A response other than 200 is an [*Error]; a request that got no usable response ends in a
// [*NoResponseError]. Use [errors.Is] to find out what they mean, for example [ErrRateLimited].
// No error, and no value of this package, shows the token.
//
// Where to look: client.go sends a request, group.go and list.go have the methods, and error.go says what each status
// means.
package ecwid

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// DefaultBaseURL is the address of Ecwid's API.
	DefaultBaseURL = "https://app.ecwid.com/api/v3"
	// MaxConnections is the highest number of connections that Ecwid's own client opens.
	MaxConnections = 10
)

const (
	// dialTimeout bounds the time to connect. It is shorter than the usual time limit of a request, so that an
	// unreachable host is reported as such.
	dialTimeout = 10 * time.Second
	// maxBody bounds how many bytes of a response are read.
	maxBody = 1 << 20
)

// Config configures a [Client]. Store and Token are required.
type Config struct {
	// Store is the store id: a positive number of at most 64 bits, in decimal digits.
	Store string
	Token Token
	// BaseURL is the address of the API. Empty means [DefaultBaseURL]. The scheme must be https, unless
	// the host is a loopback address.
	BaseURL string
	// UserAgent is sent with each request.
	UserAgent string
	// RequestID is sent with each request as X-Ecwid-Api-Request-Id, as Ecwid's own client does with 8 characters.
	// Ecwid's support can find the requests by it. Empty means that none is sent.
	RequestID string

	// Transport sends the requests. If it is nil, New creates one, to which Connections and Proxy apply.
	Transport http.RoundTripper
	// Connections is the maximum number of open connections. Zero means [MaxConnections].
	Connections int
	// Proxy returns the proxy for a request, as [http.ProxyFromEnvironment] does. Nil means no proxy.
	Proxy func(*http.Request) (*url.URL, error)

	// Instrument, if not nil, wraps the transport, to observe the requests.
	Instrument func(http.RoundTripper) http.RoundTripper
}

// Client sends requests to one store. It is safe for concurrent use.
type Client struct {
	token Token
	store url.URL // the address of the store
	host  string
	// transport is used without an http.Client, so that no redirect is followed: that would carry the token to
	// another address.
	transport http.RoundTripper
	closeIdle func()
	// header returns the header of a request, which is never changed. It is a function because it holds the token,
	// and fmt prints the fields of a struct.
	header func(hasBody bool) http.Header
	bodies *sync.Pool // of *bytes.Buffer, for responses; nothing that is decoded from one refers to its bytes
}

// New returns a client for c. Its error joins everything that is wrong with c.
func New(c Config) (*Client, error) {
	base, err := parseBaseURL(cmp.Or(c.BaseURL, DefaultBaseURL))
	errs := []error{err, checkStore(c.Store)}
	if c.Token.IsZero() {
		errs = append(errs, errors.New("the token is missing"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	client := &Client{
		token:     c.Token,
		store:     *base.JoinPath(c.Store),
		host:      base.Host,
		transport: c.Transport,
		closeIdle: func() {},
		bodies:    &sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
	if client.transport == nil {
		client.transport = newTransport(cmp.Or(c.Connections, MaxConnections), c.Proxy)
	}
	// A wrapped transport may not implement CloseIdleConnections, so use the original one.
	if t, ok := client.transport.(interface{ CloseIdleConnections() }); ok {
		client.closeIdle = t.CloseIdleConnections
	}
	if c.Instrument != nil {
		client.transport = c.Instrument(client.transport)
	}
	client.header = c.headers()
	return client, nil
}

// checkStore returns an error if a store id is not a positive number of at most 64 bits in decimal digits.
func checkStore(id string) error {
	fault := "is out of range"
	if id == "" || strings.Trim(id, "0123456789") != "" {
		fault = "is not a number"
	} else if n, err := strconv.ParseInt(id, 10, 64); err == nil && n > 0 {
		return nil
	}
	return fmt.Errorf("the store id %q %s: the id is at the bottom of every page of the Ecwid control panel", id, fault)
}

// headers returns a function that returns the header of a request: one of two that are made once.
func (c Config) headers() func(hasBody bool) http.Header {
	read := http.Header{}
	read.Set("Authorization", "Bearer "+*c.Token.secret)
	read.Set("Accept", "application/json")
	// Without this header, a transport makes one that asks for gzip for each request, which costs more than it saves.
	read.Set("Accept-Encoding", "identity")
	read.Set("User-Agent", c.UserAgent)
	if c.RequestID != "" {
		read.Set("X-Ecwid-Api-Request-Id", c.RequestID)
	}
	write := read.Clone()
	write.Set("Content-Type", "application/json; charset=utf-8")
	return func(hasBody bool) http.Header {
		if hasBody {
			return write
		}
		return read
	}
}

// newTransport returns a transport for HTTP/1.1: over HTTP/2, a transport repeats the requests that a server did
// not process.
func newTransport(connections int, proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	return &http.Transport{
		Proxy:               proxy,
		DialContext:         (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout: dialTimeout,
		MaxConnsPerHost:     connections,
		MaxIdleConns:        connections,
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     90 * time.Second,
	}
}

func parseBaseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Host == "", u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("the address of the API must look like %s", DefaultBaseURL)
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, fmt.Errorf("the address of the API must be a host and a path only, like %s", DefaultBaseURL)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("the address of the API, %s, must begin with https: over http the token would be sent unencrypted", s)
	}
	u.Path = cmp.Or(u.Path, "/") // otherwise JoinPath returns a path that does not begin with a slash
	return u, nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// Host returns the host, and the port if there is one, that the client sends its requests to.
func (c *Client) Host() string { return c.host }

// Close closes the idle connections.
func (c *Client) Close() { c.closeIdle() }

// do sends one request and decodes the JSON of its response, of at most limit bytes, into out.
func (c *Client) do(ctx context.Context, method, path string, in, out any, limit int64) error {
	var data []byte
	if in != nil {
		var err error
		if data, err = json.Marshal(in); err != nil {
			return fmt.Errorf("encoding the request: %w", err)
		}
	}
	var conn connection
	req := &http.Request{
		Method: method,
		URL:    c.url(path),
		Header: c.header(in != nil),
		// The transport repeats a GET whose connection turns out to be closed, unless it has a body without
		// GetBody.
		Body:          io.NopCloser(bytes.NewReader(data)),
		ContentLength: int64(len(data)),
	}
	if in == nil { // the body is empty: send neither it nor a header for it
		req.TransferEncoding = []string{"identity"}
	}
	resp, err := c.transport.RoundTrip(req.WithContext(conn.trace(ctx)))
	if err != nil {
		failure := c.noResponse(err)
		failure.stale = conn.isStale() && ctx.Err() == nil
		failure.unconnected = conn.isMissing()
		return failure
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		data, _ := io.ReadAll(io.LimitReader(resp.Body, maxBody)) // the status counts, even without the whole body
		return c.newError(method, path, resp, data)
	}
	body := c.bodies.Get().(*bytes.Buffer)
	defer c.bodies.Put(body)
	body.Reset()
	_, err = body.ReadFrom(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil:
		return c.noResponse(fmt.Errorf("the response was cut off: %w", err))
	case int64(body.Len()) > limit:
		return c.noResponse(fmt.Errorf("the response is longer than %d bytes", limit))
	}
	if err := json.Unmarshal(body.Bytes(), out); err != nil {
		if _, notJSON := errors.AsType[*json.SyntaxError](err); notJSON {
			return c.newError(method, path, resp, body.Bytes()) // another server's 200: a login page, a proxy
		}
		return c.noResponse(errors.New("the JSON of the response does not have the expected form"))
	}
	return nil
}

// url returns the address of a path, with its query if it has one. This is faster than parsing the whole address for each
// request.
func (c *Client) url(path string) *url.URL {
	u := c.store
	path, u.RawQuery, _ = strings.Cut(path, "?")
	u.Path += path
	if u.RawPath != "" {
		u.RawPath += path
	}
	return &u
}

// noResponse returns the error of a request whose outcome is unknown.
func (c *Client) noResponse(err error) *NoResponseError {
	return &NoResponseError{Host: c.host, Err: c.token.redactError(err)}
}

// connection records on which connection a request was sent.
type connection struct{ wanted, found, reused, responded atomic.Bool }

// trace returns a context for the request.
func (c *connection) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { c.wanted.Store(true) },
		GotConn: func(info httptrace.GotConnInfo) {
			c.found.Store(true)
			c.reused.Store(info.Reused)
		},
		GotFirstResponseByte: func() { c.responded.Store(true) },
	})
}

// isMissing reports whether a request that failed got no connection. It is false if the transport does not
// support httptrace.
func (c *connection) isMissing() bool { return c.wanted.Load() && !c.found.Load() }

// isStale reports whether a request that failed was sent on a connection that had served an earlier one, and
// nothing was received.
func (c *connection) isStale() bool { return c.reused.Load() && !c.responded.Load() }
