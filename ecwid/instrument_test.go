package ecwid_test

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"
)

// counted counts the requests that next carries, and hides all else that next can do.
type counted struct {
	next http.RoundTripper
	n    *atomic.Int64
}

func (c counted) RoundTrip(req *http.Request) (*http.Response, error) {
	c.n.Add(1)
	return c.next.RoundTrip(req)
}

// Requests go through what wraps the transport, the caller's client stays as it is, and Close closes the
// connections that lie behind.
func TestInstrument(t *testing.T) {
	server := newServer(t, ecwidtest.Options{})
	var requests atomic.Int64
	closed := make(chan struct{})
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		return watched{conn, closed}, err
	}
	own := &http.Client{Transport: transport}
	token, err := ecwid.NewToken(server.Token())
	if err != nil {
		t.Fatal(err)
	}
	client, err := ecwid.New(ecwid.Config{
		Store: server.Store(), Token: token, BaseURL: server.URL, HTTPClient: own,
		Instrument: func(next http.RoundTripper) http.RoundTripper { return counted{next, &requests} },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CustomerGroup(t.Context(), vip); err != nil {
		t.Fatal(err)
	}
	if requests.Load() != 1 || own.Transport != http.RoundTripper(transport) {
		t.Errorf("%d requests were observed, the caller's transport is %T", requests.Load(), own.Transport)
	}
	client.Close()
	<-closed
}

// watched tells when a connection is closed.
type watched struct {
	net.Conn
	closed chan<- struct{}
}

func (w watched) Close() error {
	close(w.closed)
	return w.Conn.Close()
}
