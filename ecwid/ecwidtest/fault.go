package ecwidtest

import (
	"net"
	"net/http"
	"strconv"
	"time"
)

// Fault is what goes wrong with one request; the zero value is no fault.
//
// A request with a fault counts against the quota, but is not applied, except with Applied. The fault's response is
// sent even if the token or the quota would have refused the request; a refused request is not applied.
type Fault struct {
	kind    faultKind
	applied bool
	delay   time.Duration
	resp    response
}

type faultKind int

const (
	none  faultKind = iota
	stall           // no response until the client disconnects
	reset           // the connection is reset
	half            // the actual response is cut off halfway
	other           // another response instead of the actual one
	raw             // bytes that need not be HTTP
)

// Stall returns a fault that sends no response: the request ends when the client disconnects or the server is closed.
func Stall() Fault { return Fault{kind: stall} }

// Slow returns a fault that delays the actual response by d. The request is applied at once.
func Slow(d time.Duration) Fault { return Fault{delay: d} }

// Reset returns a fault that ends the connection without a response: by a TCP reset over loopback, by closing it in memory.
func Reset() Fault { return Fault{kind: reset} }

// HalfBody returns a fault that announces a whole body, sends half of it, and closes the connection.
func HalfBody() Fault { return Fault{kind: half} }

// HTML returns a fault with a web page, such as a proxy sends.
func HTML(status int) Fault { return Fault{kind: other, resp: htmlPage(status)} }

// Status returns a fault with an error of the API, such as 409, "CONSTRAINT_VIOLATION". Without code and message its
// body is empty.
func Status(status int, errorCode, errorMessage string) Fault {
	return Fault{kind: other, resp: refuse(status, errorCode, errorMessage)}
}

// RateLimited returns a fault with a 429 and the given Retry-After header. "" means no header.
func RateLimited(retryAfter string) Fault {
	f := Status(http.StatusTooManyRequests, rateLimited, "Too many requests")
	if retryAfter == "" {
		return f
	}
	return f.With("Retry-After", retryAfter)
}

// Redirect returns a fault that redirects to location with 307: a client that follows it repeats method and body.
func Redirect(location string) Fault {
	return Status(http.StatusTemporaryRedirect, "", "").With("Location", location)
}

// Body returns a fault with a 200 and any body, declared as JSON.
func Body(body string) Fault {
	return Fault{kind: other, resp: response{status: http.StatusOK, contentType: jsonType, body: []byte(body)}}
}

// Raw returns a fault that sends any bytes instead of a response, and closes the connection.
func Raw(bytes string) Fault {
	return Fault{kind: raw, resp: response{body: []byte(bytes)}}
}

// Applied returns f for a request that is applied despite the fault, which the client cannot know.
func (f Fault) Applied() Fault {
	f.applied = true
	return f
}

// After returns f with a response that is delayed by d.
func (f Fault) After(d time.Duration) Fault {
	f.delay += d
	return f
}

// With returns f with one more header, if f has a response of its own.
func (f Fault) With(name, value string) Fault {
	f.resp = f.resp.with(name, value)
	return f
}

// altersResponse reports whether the client gets anything other than the actual response.
func (f Fault) altersResponse() bool { return f.kind != none }

// status returns the status that the client gets, given the actual response, or 0 if it gets none.
func (f Fault) status(r response) int {
	switch f.kind {
	case stall, reset, raw:
		return 0
	case other:
		return f.resp.status
	default:
		return r.status
	}
}

// write sends what the client gets, given the actual response.
func (f Fault) write(w http.ResponseWriter, r response) {
	switch f.kind {
	case none:
		r.write(w)
	case other:
		f.resp.write(w)
	case half:
		r.header(w)
		w.Header().Set("Content-Length", strconv.Itoa(len(r.body)+1)) // +1: so that an empty body is cut off as well
		w.WriteHeader(r.status)
		w.Write(r.body[:len(r.body)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	default:
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			if f.kind == raw {
				conn.Write(f.resp.body)
			} else if tcp, ok := conn.(*net.TCPConn); ok {
				tcp.SetLinger(0) // closes by RST instead of FIN
			}
			conn.Close()
		}
		panic(http.ErrAbortHandler)
	}
}
