package ecwidtest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"syscall"
)

// NewMemoryServer returns a server without a socket: it speaks HTTP over net.Pipe, and only its Client can reach it.
// Its waits count as durably blocked in a testing/synctest bubble, so it can be used in virtual time;
// create and close it inside the bubble.
func NewMemoryServer(o Options) *Server {
	s := New(o)
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	s.client.Transport.(*http.Transport).DialContext = l.dial
	s.Start(l)
	return s
}

// pipeListener accepts the server ends of the pipes that dial creates.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// dial connects to the listener, whatever the address. After Close, the connection is refused.
func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Addr: l.Addr(), Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr returns a loopback address: clients of the API send no token over http to any other address.
func (l *pipeListener) Addr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}
}
