package ecwidtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// change is the body of a PUT or a POST. Nil keeps a field as it is; an externalID of "" clears it.
type change struct {
	name, externalID *string
}

// parseChange parses the body of a PUT or a POST. It refuses what the real API might interpret differently than
// intended, such as a field that appears twice, or text that is not UTF-8. Unknown fields are ignored.
func parseChange(contentType string, body []byte) (c change, refusal *response) {
	wrong := func(status int, format string, args ...any) (change, *response) {
		r := refuse(status, wrongParameter, fmt.Sprintf(format, args...))
		return change{}, &r
	}
	mediaType, params, err := mime.ParseMediaType(contentType)
	charset := params["charset"]
	switch {
	case err != nil || mediaType != "application/json" && mediaType != "text/json":
		return wrong(http.StatusUnsupportedMediaType, "Content-Type must be application/json or text/json, not %q", contentType)
	case len(body) > maxBody:
		return wrong(http.StatusRequestEntityTooLarge, "the body is longer than %d bytes", maxBody)
	case charset == "" && !isASCII(body):
		return wrong(http.StatusBadRequest, "the body is not plain ASCII: Content-Type must have charset=utf-8")
	case charset != "" && !strings.EqualFold(charset, "utf-8"):
		return wrong(http.StatusBadRequest, "charset must be utf-8, not %q", charset)
	case !utf8.Valid(body):
		return wrong(http.StatusBadRequest, "the body is not UTF-8")
	case hasLoneSurrogate(body):
		return wrong(http.StatusBadRequest, "the body has half of a surrogate pair, which is not text")
	}
	fields, err := parseObject(body)
	if err != nil {
		return wrong(http.StatusBadRequest, "the body is not a JSON object: %v", err)
	}
	name, hasName := fields["name"]
	externalID, hasExternalID := fields["externalReferenceId"]
	if !hasName && !hasExternalID {
		return wrong(http.StatusBadRequest, "nothing to update: neither name nor externalReferenceId")
	}
	if hasName {
		s, ok := name.(string)
		if !ok {
			return wrong(http.StatusBadRequest, "Field CustomerGroup.name must be a string")
		}
		if strings.TrimSpace(s) == "" {
			return wrong(http.StatusBadRequest, "Field CustomerGroup.name is blank")
		}
		c.name = &s
	}
	if hasExternalID {
		s, ok := externalID.(string)
		if !ok && externalID != nil {
			return wrong(http.StatusBadRequest, "Field CustomerGroup.externalReferenceId must be a string or null")
		}
		if ok && s == "" {
			return wrong(http.StatusBadRequest, "Field CustomerGroup.externalReferenceId is empty: send null to clear it")
		}
		c.externalID = &s
	}
	return c, nil
}

// parseObject returns the fields of a JSON object. Names are case-sensitive, and may not repeat: json.Unmarshal
// into a struct would read "NAME" as name, and use the last of two.
func parseObject(body []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil {
		return nil, err
	} else if t != json.Delim('{') {
		return nil, fmt.Errorf("it begins with %v", t)
	}
	fields := map[string]any{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string) // Token returns no other type for a key
		if _, twice := fields[name]; twice {
			return nil, fmt.Errorf("%q appears twice", name)
		}
		var value any
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		fields[name] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if d.InputOffset() < int64(len(bytes.TrimRight(body, " \t\r\n"))) {
		return nil, errors.New("something follows it")
	}
	return fields, nil
}

// hasLoneSurrogate reports whether an escape such as \ud83d in the JSON is one half of a surrogate pair without
// the other. Package json reads it as U+FFFD.
func hasLoneSurrogate(body []byte) bool {
	high := -1 // where the low half has to begin
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		unit := uint64(0)
		if i+6 <= len(body) && body[i+1] == 'u' {
			unit, _ = strconv.ParseUint(string(body[i+2:i+6]), 16, 16)
		}
		isLow := unit >= 0xdc00 && unit <= 0xdfff
		if isLow != (high == i) || high >= 0 && high < i {
			return true
		}
		high = -1
		if unit >= 0xd800 && unit < 0xdc00 {
			high = i + 6
		}
		if unit > 0 {
			i += 5
		} else {
			i++
		}
	}
	return high >= 0
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
