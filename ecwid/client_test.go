package ecwid_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"

	"github.com/google/go-cmp/cmp"
)

const vip = 9367001

func newToken(t *testing.T, secret string) ecwid.Token {
	t.Helper()
	token, err := ecwid.NewToken(secret)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func newClient(t *testing.T, server *ecwidtest.Server) *ecwid.Client {
	t.Helper()
	client, err := ecwid.New(ecwid.Config{
		Store: server.Store(), Token: newToken(t, server.Token()), BaseURL: server.URL,
		UserAgent: "groupsync/test", RequestID: "1f2e3d4c", Transport: server.Client().Transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func newServer(t *testing.T, o ecwidtest.Options) *ecwidtest.Server {
	t.Helper()
	o.Groups = append(o.Groups, ecwidtest.Group{ID: vip, Name: "VIP", ExternalReferenceID: "erp-1"})
	server := ecwidtest.NewServer(o)
	t.Cleanup(server.Close)
	return server
}

// respond returns the options of a server that responds to every request with the fault.
func respond(f ecwidtest.Fault) ecwidtest.Options {
	return ecwidtest.Options{Fault: func(ecwidtest.Request) ecwidtest.Fault { return f }}
}

func TestNewReportsAllErrors(t *testing.T) {
	token := newToken(t, "secret_x")
	for _, c := range []struct {
		config ecwid.Config
		want   []string
	}{
		{ecwid.Config{Store: "abc", Token: token}, []string{`"abc" is not a number`}},
		{ecwid.Config{Store: "-5", Token: token}, []string{`"-5" is not a number`}},
		{ecwid.Config{Store: "0", Token: token}, []string{`"0" is out of range`}},
		{ecwid.Config{Store: "9223372036854775808", Token: token}, []string{`"9223372036854775808" is out of range`}},
		{ecwid.Config{Store: "1003"}, []string{"the token is missing"}},
		{ecwid.Config{Store: "1003", Token: token, BaseURL: "http://app.ecwid.com/api/v3"}, []string{"must begin with https"}},
		{ecwid.Config{Store: "1003", Token: token, BaseURL: "https://u:p@app.ecwid.com/api/v3"}, []string{"a host and a path only"}},
		{ecwid.Config{Store: "1003", Token: token, BaseURL: "https://app.ecwid.com/api/v3?token=x"}, []string{"a host and a path only"}},
		{ecwid.Config{Store: "1003", Token: token, BaseURL: "app.ecwid.com"}, []string{"must look like https://"}},
		{ecwid.Config{Store: "", BaseURL: "ftp://x"}, []string{"is not a number", "the token is missing", "must look like https://"}},
	} {
		_, err := ecwid.New(c.config)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: got %v, want %q", c.config, err, want)
			}
		}
		if err != nil && strings.Contains(err.Error(), "u:p") {
			t.Errorf("the error shows the credentials of the address: %v", err)
		}
	}
	for _, base := range []string{"", "http://127.0.0.1:1/api/v3", "http://[::1]/x/", "http://localhost:80"} {
		if _, err := ecwid.New(ecwid.Config{Store: "1003", Token: token, BaseURL: base}); err != nil {
			t.Errorf("%q: %v", base, err)
		}
	}
	for _, store := range []string{"1", "9223372036854775807"} {
		if _, err := ecwid.New(ecwid.Config{Store: store, Token: token}); err != nil {
			t.Error(err)
		}
	}
}

// A program may replace http.DefaultTransport with its own type.
func TestNewWithoutDefaultTransport(t *testing.T) {
	before := http.DefaultTransport
	http.DefaultTransport = roundTripper(func(*http.Request) (*http.Response, error) { panic("it must not be used") })
	defer func() { http.DefaultTransport = before }()
	server := newServer(t, ecwidtest.Options{})
	client, err := ecwid.New(ecwid.Config{Store: server.Store(), Token: newToken(t, server.Token()), BaseURL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.CustomerGroup(t.Context(), vip); err != nil {
		t.Error(err)
	}
}

// Config.Proxy alone decides which proxy is used.
func TestProxy(t *testing.T) {
	server := newServer(t, ecwidtest.Options{})
	proxy, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	client, err := ecwid.New(ecwid.Config{
		Store: server.Store(), Token: newToken(t, server.Token()), BaseURL: "http://127.0.0.1:1/api/v3",
		Proxy: func(*http.Request) (*url.URL, error) { return &url.URL{Scheme: "http", Host: proxy.Host}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.CustomerGroup(t.Context(), vip); err != nil {
		t.Error(err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// Requests go through the wrapped transport, and Close closes the connections of the transport inside.
func TestInstrument(t *testing.T) {
	server := newServer(t, ecwidtest.Options{})
	var requests atomic.Int64
	closed := make(chan struct{})
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		return closeNotifier{conn, closed}, err
	}}
	client, err := ecwid.New(ecwid.Config{
		Store: server.Store(), Token: newToken(t, server.Token()), BaseURL: server.URL, Transport: transport,
		Instrument: func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				requests.Add(1)
				return next.RoundTrip(req)
			})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CustomerGroup(t.Context(), vip); err != nil {
		t.Fatal(err)
	}
	if requests.Load() != 1 {
		t.Errorf("%d requests were observed", requests.Load())
	}
	client.Close()
	<-closed
}

// closeNotifier reports when a connection is closed.
type closeNotifier struct {
	net.Conn
	closed chan<- struct{}
}

func (c closeNotifier) Close() error {
	close(c.closed)
	return c.Conn.Close()
}

// The client reuses its connections, and has no more requests in flight than connections are allowed.
func TestConnections(t *testing.T) {
	const connections = 4
	for _, workers := range []int{connections, 2 * connections} {
		server := newServer(t, ecwidtest.Options{})
		// The server responds to as many requests at once as there are connections.
		var mu sync.Mutex
		arrived, inFlight, most, together := 0, 0, 0, make(chan struct{})
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			arrived++
			inFlight++
			most = max(most, inFlight)
			respond := together
			if arrived%connections == 0 {
				close(together)
				together = make(chan struct{})
			}
			mu.Unlock()
			<-respond
			mu.Lock()
			inFlight--
			mu.Unlock()
			server.ServeHTTP(w, r)
		})
		var opened atomic.Int64
		front := httptest.NewUnstartedServer(handler)
		front.Config.ConnState = func(_ net.Conn, s http.ConnState) {
			if s == http.StateNew {
				opened.Add(1)
			}
		}
		front.Start()
		client, err := ecwid.New(ecwid.Config{
			Store: "1003", Token: newToken(t, server.Token()), BaseURL: front.URL + "/api/v3", Connections: connections,
		})
		if err != nil {
			t.Fatal(err)
		}
		const requests = 100 * connections
		var pool sync.WaitGroup
		var begun atomic.Int64
		for range workers {
			pool.Go(func() {
				for begun.Add(1) <= requests {
					if err := rename(t.Context(), client); err != nil {
						t.Error(err)
					}
				}
			})
		}
		pool.Wait()
		if most > connections {
			t.Errorf("%d workers: %d requests were in flight at once", workers, most)
		}
		// On a busy machine, net/http closes some: those whose request took long to be written.
		if n := opened.Load(); n > 10*connections {
			t.Errorf("%d workers opened %d connections for %d requests", workers, n, requests)
		}
		client.Close()
		front.Close()
	}
}

// A request is sent once, even if the connection that it was sent on turns out to be closed.
func TestStaleConnection(t *testing.T) {
	send := map[string]func(context.Context, *ecwid.Client) error{
		"GET": func(ctx context.Context, client *ecwid.Client) error {
			_, err := client.CustomerGroup(ctx, vip)
			return err
		},
		"PUT": rename,
	}
	for method, send := range send {
		t.Run(method, func(t *testing.T) {
			server := newServer(t, ecwidtest.Options{AnyGroup: true, Fault: func(r ecwidtest.Request) ecwidtest.Fault {
				if r.N == 2 {
					return ecwidtest.Reset()
				}
				return ecwidtest.Fault{}
			}})
			client := newClient(t, server)
			for i, want := range []error{nil, ecwid.ErrStaleConnection, nil} {
				if err := send(t.Context(), client); !errors.Is(err, want) {
					t.Errorf("request %d: got %v, want %v", i+1, err, want)
				}
			}
			if n := len(server.Requests()); n != 3 {
				t.Errorf("%d requests arrived, want 3", n)
			}
		})
	}
}

// A request is sent to the path of the store below the address of the API.
func TestAddress(t *testing.T) {
	for base, want := range map[string]string{
		"https://example.com":           "https://example.com/1003/customer_groups/7",
		"https://example.com/":          "https://example.com/1003/customer_groups/7",
		"https://example.com/api/v3":    "https://example.com/api/v3/1003/customer_groups/7",
		"https://example.com/api/v3/":   "https://example.com/api/v3/1003/customer_groups/7",
		"https://example.com/a%2Fb/v3":  "https://example.com/a%2Fb/v3/1003/customer_groups/7",
		"https://example.com:8443/%20a": "https://example.com:8443/%20a/1003/customer_groups/7",
	} {
		var got []string
		client, err := ecwid.New(ecwid.Config{
			Store: "1003", Token: newToken(t, "secret_test"), BaseURL: base,
			Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
				got = append(got, req.URL.Scheme+"://"+req.URL.Host+req.URL.RequestURI()) // as it is sent
				return nil, errors.New("not sent")
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = client.CustomerGroup(t.Context(), 7)
		_, _ = client.CustomerGroupPage(t.Context(), 100)
		list := strings.TrimSuffix(want, "/7") + "?limit=100&offset=100"
		if diff := cmp.Diff([]string{want, list}, got); diff != "" {
			t.Errorf("%s: %s", base, diff)
		}
	}
}

// The client uses HTTP/1.1 even if the server offers HTTP/2, and a GET has no body.
func TestRequestOnTheWire(t *testing.T) {
	var got *http.Request
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		io.WriteString(w, `{"id":7,"name":"VIP"}`)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	client, err := ecwid.New(ecwid.Config{
		Store: "1003", Token: newToken(t, "secret_test"), BaseURL: server.URL,
		Instrument: func(rt http.RoundTripper) http.RoundTripper {
			rt.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: trusted}
			return rt
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.CustomerGroup(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	if got.ProtoMajor != 1 || got.ContentLength != 0 || len(got.TransferEncoding) != 0 || got.Header.Get("Content-Length") != "" {
		t.Errorf("got %s with a body of %d bytes, %v, %v", got.Proto, got.ContentLength, got.TransferEncoding, got.Header)
	}
}
