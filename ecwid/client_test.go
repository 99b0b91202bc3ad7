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

// The client opens no more connections than it may, and reuses them.
func TestConnections(t *testing.T) {
	server := newServer(t, ecwidtest.Options{})
	var opened atomic.Int64
	front := &http.Server{Handler: server, ConnState: func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { front.Serve(listener) })
	defer serving.Wait()
	defer front.Close()
	client, err := ecwid.New(ecwid.Config{
		Store: "1003", Token: newToken(t, server.Token()),
		BaseURL: "http://" + listener.Addr().String() + "/api/v3", Connections: 4,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for range 100 {
				if _, err := client.UpdateCustomerGroup(t.Context(), vip, ecwid.CustomerGroupUpdate{Name: ecwid.String("x")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	workers.Wait()
	if n := opened.Load(); n > 4 {
		t.Errorf("4 workers opened %d connections for 400 requests", n)
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
