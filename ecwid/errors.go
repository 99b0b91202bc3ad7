package ecwid

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// What an [Error] is about: for errors.Is.
var (
	// ErrRefused is an answer that every further request of this client would get as well:
	// the token, the plan, the store id, the address or the form of the request is refused.
	ErrRefused = errors.New("ecwid: refused")
	// ErrForbidden is the 401 or 403 among them: the token, or what it may do.
	ErrForbidden = errors.New("ecwid: forbidden")
	// ErrRateLimited is a 429: the request was not applied.
	ErrRateLimited = errors.New("ecwid: rate limited")
	// ErrExternalIDTaken is a 409 EXTERNAL_ID_ALREADY_USED: another group holds that external id.
	ErrExternalIDTaken = errors.New("ecwid: external id already used")
	// ErrNoGroup is a 404 about the group: the store has none of that id.
	ErrNoGroup = errors.New("ecwid: no such group")
	// ErrTemporary is a 408 or a 5xx: whether the request was applied is not known.
	ErrTemporary = errors.New("ecwid: temporary")
)

// Error is an answer other than 200.
type Error struct {
	StatusCode int
	// Code and Message are Ecwid's own, "" where the answer has none.
	Code    string
	Message string
	// RetryAfter is the header of that name, as sent.
	RetryAfter string
	// Date is when the server says it answered; zero if it does not.
	Date time.Time
	// HTML reports that the body is a page, so that perhaps not Ecwid's API answered.
	HTML bool
	// Location is where a redirect points, "" for any other answer.
	Location string
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Ecwid answered %d", e.StatusCode)
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
	case e.Code == "":
		if text := http.StatusText(e.StatusCode); text != "" {
			b.WriteString(" (" + text + ")")
		}
	}
	return b.String()
}

// Is classifies the answer; the one place where a status becomes a meaning.
func (e *Error) Is(target error) bool {
	switch e.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return target == ErrForbidden || target == ErrRefused
	case http.StatusPaymentRequired, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
		return target == ErrRefused
	case http.StatusNotFound:
		if e.HTML || e.Code == "STORE_NOT_FOUND" {
			return target == ErrRefused
		}
		return target == ErrNoGroup
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

// Hint says what a shop owner can do about an answer that is [ErrRefused]; "" for any other.
func (e *Error) Hint() string {
	switch {
	case !errors.Is(e, ErrRefused):
		return ""
	case e.Code == "STORE_NOT_FOUND":
		return "is the store id right?"
	case e.Code == "INSUFFICIENT_APP_SCOPE":
		return "give the app the scope update_customers, and take its new token"
	case errors.Is(e, ErrForbidden):
		return "is the token right, is it this store's, and does it have the scope update_customers?"
	case e.StatusCode == http.StatusPaymentRequired:
		return "the store's plan has no customer groups, or the store is suspended"
	case e.HTML, e.Location != "":
		return "is the address of the API right?"
	}
	return "this is a fault of the program: please report it"
}

// longestWait bounds what a Retry-After may ask for.
const longestWait = 24 * time.Hour

// Wait is how long the answer asks to wait, by its Retry-After in seconds or as a date;
// false if it does not ask.
func (e *Error) Wait(now time.Time) (time.Duration, bool) {
	if n, err := strconv.ParseUint(strings.TrimSpace(e.RetryAfter), 10, 64); err == nil {
		return time.Duration(min(n, uint64(longestWait/time.Second))) * time.Second, true
	}
	at, err := http.ParseTime(e.RetryAfter)
	if err != nil {
		return 0, false
	}
	if !e.Date.IsZero() {
		now = e.Date // two times of one clock: ours may be wrong
	}
	return min(max(at.Sub(now), 0), longestWait), true
}

// NoAnswerError is a request without a usable answer: whether it was applied is not known.
type NoAnswerError struct {
	Host string
	Err  error
}

func (e *NoAnswerError) Error() string {
	if errors.Is(e.Err, context.DeadlineExceeded) {
		return "no answer from " + e.Host + " in time"
	}
	err := e.Err
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // the address says nothing that the host does not
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Sprintf("no answer from %s: its address was not found (%s)", e.Host, dns.Err)
	}
	return fmt.Sprintf("no usable answer from %s: %v", e.Host, err)
}

func (e *NoAnswerError) Unwrap() error { return e.Err }

// maxMessage bounds Ecwid's message, in bytes.
const maxMessage = 1000

// newError makes the error of an answer whose body, or the beginning of it, was read.
func (c *Client) newError(resp *http.Response, body []byte) *Error {
	e := &Error{
		StatusCode: resp.StatusCode,
		RetryAfter: resp.Header.Get("Retry-After"),
	}
	e.Date, _ = http.ParseTime(resp.Header.Get("Date"))
	if resp.StatusCode < 400 {
		e.Location = c.token.redact(resp.Header.Get("Location"))
	}
	body = bytes.TrimSpace(body)
	e.HTML = bytes.HasPrefix(body, []byte("<")) || strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")
	var said struct {
		ErrorMessage string `json:"errorMessage"`
		ErrorCode    string `json:"errorCode"`
	}
	// Every field and the body itself is optional: what can't be read stays empty.
	_ = json.Unmarshal(body, &said)
	e.Code = c.token.redact(said.ErrorCode)
	e.Message = c.token.redact(said.ErrorMessage)
	if len(e.Message) > maxMessage {
		e.Message = strings.ToValidUTF8(e.Message[:maxMessage], "") + " …"
	}
	return e
}
