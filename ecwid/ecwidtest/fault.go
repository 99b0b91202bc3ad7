package ecwidtest

import (
	"net"
	"net/http"
	"strconv"
	"time"
)

// Fault is what goes wrong with one request; the zero value: nothing.
//
// A request with a fault counts against the quota, but takes no effect unless Applied says so: it
// arrived, and then the trouble began. The fault's answer leaves even where the token or the quota
// would have refused the request; a refused one is not applied.
type Fault struct {
	kind    faultKind
	applied bool
	delay   time.Duration
	answer  answer
}

type faultKind int

const (
	none  faultKind = iota
	stall           // no answer until the client leaves
	reset           // the connection is reset
	half            // the true answer is cut off halfway
	other           // another answer than the true one
	raw             // bytes that need not be HTTP
)

// Stall holds the answer until the client leaves or the server closes.
func Stall() Fault { return Fault{kind: stall} }

// Slow is the true answer, d later. The request takes its effect at once.
func Slow(d time.Duration) Fault { return Fault{delay: d} }

// Reset ends the connection without an answer: by a TCP reset over loopback, by closing it in memory.
func Reset() Fault { return Fault{kind: reset} }

// HalfBody promises a whole body, sends half of it, and closes the connection.
func HalfBody() Fault { return Fault{kind: half} }

// HTML is a page such as a proxy sends.
func HTML(status int) Fault { return Fault{kind: other, answer: page(status)} }

// Status is an answer of the API, such as 409, "CONSTRAINT_VIOLATION"; with neither code nor message its body is empty.
func Status(status int, errorCode, errorMessage string) Fault {
	return Fault{kind: other, answer: refuse(status, errorCode, errorMessage)}
}

// RateLimited is a 429 with Retry-After as given: seconds, an HTTP date, anything; "": without.
func RateLimited(retryAfter string) Fault {
	f := Status(http.StatusTooManyRequests, rateLimited, "Too many requests")
	if retryAfter == "" {
		return f
	}
	return f.With("Retry-After", retryAfter)
}

// Redirect sends the client to location with 307, after which a client that follows repeats method and body.
func Redirect(location string) Fault {
	return Status(http.StatusTemporaryRedirect, "", "").With("Location", location)
}

// Body is a 200 with any body, called JSON.
func Body(body string) Fault {
	return Fault{kind: other, answer: answer{status: http.StatusOK, contentType: jsonType, body: []byte(body)}}
}

// Raw sends the bytes in place of a response, HTTP or not, and closes the connection.
func Raw(bytes string) Fault {
	return Fault{kind: raw, answer: answer{body: []byte(bytes)}}
}

// Applied is f after the request took its effect: the client can't know that it did.
func (f Fault) Applied() Fault {
	f.applied = true
	return f
}

// After is f, d later than it would be.
func (f Fault) After(d time.Duration) Fault {
	f.delay += d
	return f
}

// With is f with a header in its answer, where f has an answer of its own.
func (f Fault) With(name, value string) Fault {
	f.answer = f.answer.with(name, value)
	return f
}

// spoils reports whether the client does not get the true answer.
func (f Fault) spoils() bool { return f.kind != none }

// status is the status that leaves for a request whose true answer is a; 0: none does.
func (f Fault) status(a answer) int {
	switch f.kind {
	case stall, reset, raw:
		return 0
	case other:
		return f.answer.status
	default:
		return a.status
	}
}

// write sends what the client gets of a.
func (f Fault) write(w http.ResponseWriter, a answer) {
	switch f.kind {
	case none:
		a.write(w)
	case other:
		f.answer.write(w)
	case half:
		a.header(w)
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)+1)) // +1: an empty body, too, is cut off
		w.WriteHeader(a.status)
		w.Write(a.body[:len(a.body)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	default:
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			if f.kind == raw {
				conn.Write(f.answer.body)
			} else if tcp, ok := conn.(*net.TCPConn); ok {
				tcp.SetLinger(0) // close by RST instead of FIN
			}
			conn.Close()
		}
		panic(http.ErrAbortHandler)
	}
}
