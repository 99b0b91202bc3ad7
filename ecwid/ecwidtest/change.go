package ecwidtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"
)

// change is the body of a PUT: nil keeps a field as it is, an externalID of "" clears it.
type change struct {
	name, externalID *string
}

// parseChange reads the body of a PUT. It refuses what the real API might read otherwise than it was
// meant, a field named twice or text that is not UTF-8 included. Unknown fields are ignored.
func parseChange(contentType string, body []byte) (c change, refusal *answer) {
	wrong := func(status int, format string, args ...any) (change, *answer) {
		a := refuse(status, wrongParameter, fmt.Sprintf(format, args...))
		return change{}, &a
	}
	mediaType, params, err := mime.ParseMediaType(contentType)
	charset := params["charset"]
	switch {
	case err != nil || mediaType != "application/json":
		return wrong(http.StatusUnsupportedMediaType, "Content-Type must be application/json, not %q", contentType)
	case len(body) > maxBody:
		return wrong(http.StatusRequestEntityTooLarge, "the body is longer than %d bytes", maxBody)
	case charset == "" && !ascii(body):
		return wrong(http.StatusBadRequest, "the body is not plain ASCII: Content-Type must say charset=utf-8")
	case charset != "" && !strings.EqualFold(charset, "utf-8"):
		return wrong(http.StatusBadRequest, "charset must be utf-8, not %q", charset)
	case !utf8.Valid(body):
		return wrong(http.StatusBadRequest, "the body is not UTF-8")
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

// parseObject is the fields of a JSON object. Names count as they are written: json.Unmarshal into a
// struct would take "NAME" for name, and the last of two.
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
		name, _ := t.(string) // a key is a string, or Token had failed
		if _, twice := fields[name]; twice {
			return nil, fmt.Errorf("%q is there twice", name)
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

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
