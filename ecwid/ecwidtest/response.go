package ecwidtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const (
	jsonType = "application/json;charset=UTF-8"
	htmlType = "text/html; charset=utf-8"
)

// Error codes of the API.
const (
	wrongParameter        = "WRONG_PARAMETER"
	insufficientAppScope  = "INSUFFICIENT_APP_SCOPE"
	storeNotFound         = "STORE_NOT_FOUND"
	profileNotFound       = "PROFILE_NOT_FOUND"
	storeIsSuspended      = "STORE_IS_SUSPENDED"
	notAvailableOnPlan    = "NOT_AVAILABLE_ON_CURRENT_PLAN"
	methodNotAllowed      = "METHOD_NOT_ALLOWED"
	externalIDAlreadyUsed = "EXTERNAL_ID_ALREADY_USED"
	rateLimited           = "RATE_LIMITED"
)

// response is the response of the API to one request.
type response struct {
	status      int
	contentType string // "": no body
	body        []byte
	headers     http.Header
}

// groupJSON is a group in a response: an unset external id is omitted.
type groupJSON struct {
	ID                  int32  `json:"id"`
	Name                string `json:"name"`
	ExternalReferenceID string `json:"externalReferenceId,omitempty"`
}

// ok returns a 200 with v as JSON.
func ok(v any) response {
	body, err := json.Marshal(v)
	if err != nil {
		panic("ecwidtest: " + err.Error()) // every type of this package can be encoded
	}
	return response{status: http.StatusOK, contentType: jsonType, body: body}
}

// selected returns a 200 like ok, but with only these fields. Nil means all fields.
func selected(v any, f fields) response {
	r := ok(v)
	if f == nil {
		return r
	}
	var document any
	if err := json.Unmarshal(r.body, &document); err != nil {
		panic("ecwidtest: " + err.Error()) // it was just encoded
	}
	return ok(f.selectFrom(document))
}

func updateCount(n int) response { return ok(map[string]int{"updateCount": n}) }

// refuse returns an error in the format of the API. Without code and message, its body is empty.
func refuse(status int, errorCode, errorMessage string) response {
	if errorCode == "" && errorMessage == "" {
		return response{status: status}
	}
	r := ok(struct {
		ErrorMessage string `json:"errorMessage,omitempty"`
		ErrorCode    string `json:"errorCode,omitempty"`
	}{errorMessage, errorCode})
	r.status = status
	return r
}

func groupNotFound(id int32) response {
	return refuse(http.StatusNotFound, "", fmt.Sprintf("Customer group #%d not found", id))
}

func nameAbsent() response {
	return refuse(http.StatusBadRequest, wrongParameter, "Field CustomerGroup.name is absent")
}

func externalIDUsed(externalID string, holder int32) response {
	return refuse(http.StatusConflict, externalIDAlreadyUsed,
		fmt.Sprintf("externalReferenceId %q is used by customer group #%d", externalID, holder))
}

// tooManyRequests returns the response to a request beyond the quota, which has room again after wait.
func tooManyRequests(wait time.Duration) response {
	seconds := max(1, int((wait+time.Second-1)/time.Second))
	return refuse(http.StatusTooManyRequests, rateLimited, "Too many requests").
		with("Retry-After", strconv.Itoa(seconds))
}

// htmlPage returns a web page, such as a proxy sends.
func htmlPage(status int) response {
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return response{status: status, contentType: htmlType, body: fmt.Appendf(nil,
		"<!DOCTYPE html>\n<html><head><title>%s</title></head><body><h1>%[1]s</h1></body></html>\n", title)}
}

// with returns a copy of r with one more header.
func (r response) with(name, value string) response {
	r.headers = r.headers.Clone()
	if r.headers == nil {
		r.headers = http.Header{}
	}
	r.headers.Add(name, value)
	return r
}

func (r response) write(w http.ResponseWriter) {
	r.header(w)
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	w.WriteHeader(r.status)
	w.Write(r.body)
}

func (r response) header(w http.ResponseWriter) {
	for name, values := range r.headers {
		w.Header()[name] = values
	}
	if r.contentType != "" {
		w.Header().Set("Content-Type", r.contentType)
	}
}
