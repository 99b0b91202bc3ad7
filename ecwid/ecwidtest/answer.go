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
	wrongParameter       = "WRONG_PARAMETER"
	insufficientAppScope = "INSUFFICIENT_APP_SCOPE"
	storeNotFound        = "STORE_NOT_FOUND"
	externalIDAlready    = "EXTERNAL_ID_ALREADY_USED"
	rateLimited          = "RATE_LIMITED"
)

// answer is what the API says to one request.
type answer struct {
	status      int
	contentType string // "": no body
	body        []byte
	headers     http.Header
}

// groupJSON is a group as the API shows it: an unset external id is left out.
type groupJSON struct {
	ID                  int32  `json:"id"`
	Name                string `json:"name"`
	ExternalReferenceID string `json:"externalReferenceId,omitempty"`
}

func ok(v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic("ecwidtest: " + err.Error()) // a type of this package that JSON cannot show
	}
	return answer{status: http.StatusOK, contentType: jsonType, body: body}
}

func updateCount(n int) answer {
	return answer{status: http.StatusOK, contentType: jsonType, body: fmt.Appendf(nil, `{"updateCount":%d}`, n)}
}

// refuse is an error as the API words it; with neither code nor message its body is empty.
func refuse(status int, errorCode, errorMessage string) answer {
	if errorCode == "" && errorMessage == "" {
		return answer{status: status}
	}
	a := ok(struct {
		ErrorMessage string `json:"errorMessage,omitempty"`
		ErrorCode    string `json:"errorCode,omitempty"`
	}{errorMessage, errorCode})
	a.status = status
	return a
}

func groupNotFound(id int32) answer {
	return refuse(http.StatusNotFound, "", fmt.Sprintf("Customer group #%d not found", id))
}

func externalIDUsed(externalID string, holder int32) answer {
	return refuse(http.StatusConflict, externalIDAlready,
		fmt.Sprintf("externalReferenceId %q is used by customer group #%d", externalID, holder))
}

// tooMany is the answer to a request beyond the quota, which has room again after wait.
func tooMany(wait time.Duration) answer {
	seconds := max(1, int((wait+time.Second-1)/time.Second))
	return refuse(http.StatusTooManyRequests, rateLimited, "Too many requests").
		with("Retry-After", strconv.Itoa(seconds))
}

// page is an HTML page, as whatever stands before the API sends.
func page(status int) answer {
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return answer{status: status, contentType: htmlType, body: fmt.Appendf(nil,
		"<!DOCTYPE html>\n<html><head><title>%s</title></head><body><h1>%[1]s</h1></body></html>\n", title)}
}

// with is a with one more header; a itself stays as it is.
func (a answer) with(name, value string) answer {
	a.headers = a.headers.Clone()
	if a.headers == nil {
		a.headers = http.Header{}
	}
	a.headers.Add(name, value)
	return a
}

func (a answer) write(w http.ResponseWriter) {
	a.header(w)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	w.Write(a.body)
}

func (a answer) header(w http.ResponseWriter) {
	for name, values := range a.headers {
		w.Header()[name] = values
	}
	if a.contentType != "" {
		w.Header().Set("Content-Type", a.contentType)
	}
}
