package ecwid

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Meanings of an error, for use with [errors.Is].
var (
	// ErrRefused is an [Error] that every further request of this client would get as well: the token,
	// the plan, the store id, the address or the form of the request is wrong.
	ErrRefused = errors.New("ecwid: refused")
	// ErrForbidden is a 401 or 403, which are ErrRefused as well: the token is wrong, or lacks a scope.
	ErrForbidden = errors.New("ecwid: forbidden")
	// ErrRateLimited is a 429: the request was not applied.
	ErrRateLimited = errors.New("ecwid: rate limited")
	// ErrExternalIDTaken is a 409 EXTERNAL_ID_ALREADY_USED: another group has that external id.
	ErrExternalIDTaken = errors.New("ecwid: external id already used")
	// ErrGroupNotFound is a 404 about the group: the store has no group with that id.
	ErrGroupNotFound = errors.New("ecwid: group not found")
	// ErrTemporary is a 408 or a 5xx: whether the request was applied is unknown.
	ErrTemporary = errors.New("ecwid: temporary")
	// ErrUnreachable is a [NoResponseError] without a connection, so the request was not sent: the
	// host was not found, refused to connect, or did not respond to the attempt.
	ErrUnreachable = errors.New("ecwid: unreachable")
	// ErrStaleConnection is a [NoResponseError] on a connection that had served an earlier request, and was
	// closed before anything was received. Servers close idle connections: this is not the fault of the request.
	ErrStaleConnection = errors.New("ecwid: stale connection")
)

// Error is a response other than 200, or a 200 whose body is not JSON and so not from Ecwid's API.
type Error struct {
	// Method and Path are those of the request. Path begins after the store id: "/customer_groups/17".
	Method string
	Path   string

	StatusCode int
	// Code and Message are Ecwid's own, or "". Message may come from the status line.
	Code    string
	Message string
	// RetryAfter is the value of the Retry-After header.
	RetryAfter string
	// Date is the time of the server's clock, or zero.
	Date time.Time
	// HTML reports whether the body is a web page, so that the response may not be from Ecwid's API.
	HTML bool
	// Location is the target of a redirect; "" for any other response.
	Location string
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Ecwid returned %d", e.StatusCode)
	if e.Code != "" {
		b.WriteString(" " + e.Code)
	}
	switch {
	case e.Message != "":
		b.WriteString(": " + e.Message)
	case e.Location != "":
		b.WriteString(": a redirect to " + e.Location)
	case e.HTML:
		b.WriteString(" with a web page")
	case e.StatusCode == http.StatusOK:
		b.WriteString(" with a body that is not JSON")
	case e.Code == "":
		if text := http.StatusText(e.StatusCode); text != "" {
			b.WriteString(" (" + text + ")")
		}
	}
	return b.String()
}

// Is classifies the response. It is the one place where a status gets a meaning.
func (e *Error) Is(target error) bool {
	switch e.StatusCode {
	case http.StatusOK, http.StatusPaymentRequired, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
		return target == ErrRefused
	case http.StatusUnauthorized, http.StatusForbidden:
		return target == ErrForbidden || target == ErrRefused
	case http.StatusNotFound:
		if e.HTML || e.IsStoreNotFound() {
			return target == ErrRefused
		}
		return target == ErrGroupNotFound
	case http.StatusConflict:
		return target == ErrExternalIDTaken && e.Code == "EXTERNAL_ID_ALREADY_USED"
	case http.StatusTooManyRequests:
		return target == ErrRateLimited
	case http.StatusRequestTimeout:
		return target == ErrTemporary
	}
	switch {
	case e.StatusCode >= 500:
		return target == ErrTemporary
	case e.StatusCode >= 300 && e.StatusCode < 400:
		return target == ErrRefused
	}
	return false
}

// IsStoreNotFound reports whether the response says that there is no store with the client's id.
func (e *Error) IsStoreNotFound() bool {
	return e.StatusCode == http.StatusNotFound && (e.Code == "STORE_NOT_FOUND" || e.Code == "PROFILE_NOT_FOUND")
}

// longestWait bounds the wait that a Retry-After may ask for.
const longestWait = 24 * time.Hour

// Wait returns how long the response asks the client to wait: its Retry-After, in seconds or as a date.
// The second result is false if the response does not ask for a wait.
func (e *Error) Wait(now time.Time) (time.Duration, bool) {
	if n, err := strconv.ParseUint(strings.TrimSpace(e.RetryAfter), 10, 64); err == nil {
		return time.Duration(min(n, uint64(longestWait/time.Second))) * time.Second, true
	}
	at, err := http.ParseTime(e.RetryAfter)
	if err != nil {
		return 0, false
	}
	if !e.Date.IsZero() {
		now = e.Date // both times are from the server's clock: ours may be wrong
	}
	return min(max(at.Sub(now), 0), longestWait), true
}

// NoResponseError reports a request without a usable response. Whether it was applied is unknown, unless the
// error is [ErrUnreachable].
type NoResponseError struct {
	Host string
	Err  error

	stale       bool
	unconnected bool
}

func (e *NoResponseError) Error() string {
	if errors.Is(e.Err, context.DeadlineExceeded) {
		return "no response from " + e.Host + " in time"
	}
	if dns, ok := errors.AsType[*net.DNSError](e.Err); ok {
		return fmt.Sprintf("no response from %s: its address was not found (%s)", e.Host, dns.Err)
	}
	return fmt.Sprintf("no usable response from %s: %v", e.Host, e.Err)
}

// Is reports whether the error is [ErrUnreachable] or [ErrStaleConnection].
func (e *NoResponseError) Is(target error) bool {
	return target == ErrUnreachable && e.unconnected || target == ErrStaleConnection && e.stale
}

func (e *NoResponseError) Unwrap() error { return e.Err }

// maxMessage bounds Ecwid's code and message, in bytes.
const maxMessage = 1000

// newError returns the error for a response. body may be cut off.
func (c *Client) newError(method, path string, resp *http.Response, body []byte) *Error {
	e := &Error{
		Method:     method,
		Path:       path,
		StatusCode: resp.StatusCode,
		RetryAfter: c.message(resp.Header.Get("Retry-After")),
	}
	e.Date, _ = http.ParseTime(resp.Header.Get("Date"))
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		e.Location = c.message(resp.Header.Get("Location"))
	}
	body = bytes.TrimSpace(body)
	e.HTML = bytes.HasPrefix(body, []byte("<")) || strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")
	if resp.StatusCode == http.StatusOK {
		return e
	}
	var fields struct {
		ErrorMessage string `json:"errorMessage"`
		ErrorCode    string `json:"errorCode"`
	}
	// Every field and the body itself are optional: what cannot be decoded stays empty.
	_ = json.Unmarshal(body, &fields)
	e.Code = c.message(fields.ErrorCode)
	e.Message = c.message(fields.ErrorMessage)
	if e.Message == "" && !e.HTML {
		e.Message = c.message(reason(resp))
	}
	return e
}

// reason returns the text of the status line if it says more than the status, as in
// "HTTP/1.1 400 Field X is absent".
func reason(resp *http.Response) string {
	text := strings.TrimSpace(strings.TrimPrefix(resp.Status, strconv.Itoa(resp.StatusCode)))
	if strings.EqualFold(text, http.StatusText(resp.StatusCode)) {
		return ""
	}
	return text
}

// message returns a text from the server without the token, cut to maxMessage bytes, and without a trailing
// colon, as in "Invalid value: ".
func (c *Client) message(s string) string {
	s = strings.TrimRight(strings.TrimSpace(c.token.redact(s)), ": ")
	if len(s) > maxMessage {
		s = strings.ToValidUTF8(s[:maxMessage], "") + " …"
	}
	return s
}
