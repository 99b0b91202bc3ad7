package ecwidtest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxLimit is the largest number of groups on a page, and the default.
const maxLimit = 100

// query reads the parameters of a call. It refuses an invalid value, and a parameter that nothing reads:
// a real server may ignore it, and the client would not notice.
type query struct {
	values url.Values
	read   []string
	wrong  string // the first problem
}

func newQuery(u *url.URL) *query { return &query{values: u.Query()} }

// get returns a parameter, and reports whether it is present.
func (q *query) get(name string) (string, bool) {
	q.read = append(q.read, name)
	return q.values.Get(name), q.values.Has(name)
}

// complain records a problem, unless there is an earlier one.
func (q *query) complain(format string, args ...any) {
	if q.wrong == "" {
		q.wrong = fmt.Sprintf(format, args...)
	}
}

// number returns a parameter that must be a number of at least minimum, or fallback if it is absent.
func (q *query) number(name string, minimum, fallback int) int {
	text, given := q.get(name)
	if !given {
		return fallback
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || int(n) < minimum {
		q.complain("%s must be a number, at least %d", name, minimum)
	}
	return int(n)
}

// filter returns the condition for a group of the list that the parameters keyword and customerGroupId set, or nil
// if there is none. Ecwid's own client calls the latter customerGroupIds. The keyword is a part of the name,
// regardless of case.
func (q *query) filter() func(Group) bool {
	keyword, _ := q.get("keyword")
	keyword = strings.ToLower(keyword)
	var ids []int32
	one, hasOne := q.get("customerGroupId")
	many, hasMany := q.get("customerGroupIds")
	if hasOne && hasMany {
		q.complain("customerGroupId and customerGroupIds cannot be used together")
	}
	if hasOne || hasMany {
		for text := range strings.SplitSeq(one+many, ",") {
			text = strings.TrimSpace(text)
			id, ok := parseID(text)
			if !ok && text != "0" { // the default group
				q.complain("customerGroupId: %q is not a group id", text)
			}
			ids = append(ids, id)
		}
	}
	if keyword == "" && ids == nil {
		return nil
	}
	return func(g Group) bool {
		return strings.Contains(strings.ToLower(g.Name), keyword) && (ids == nil || slices.Contains(ids, g.ID))
	}
}

// fields returns the parameter responseFields. Nil means all fields.
func (q *query) fields() fields {
	text, given := q.get("responseFields")
	if !given {
		return nil
	}
	f, rest, ok := parseFields(text)
	if !ok || rest != "" {
		q.complain("responseFields must look like total,items(id,name), not %q", text)
	}
	return f
}

// refusal returns the response to an invalid query, or nil if the query is valid.
func (q *query) refusal() *response {
	for name, values := range q.values {
		if !slices.Contains(q.read, name) {
			q.complain("there is no parameter %q here", name)
		} else if len(values) > 1 {
			q.complain("the parameter %q appears twice", name)
		}
	}
	if q.wrong == "" {
		return nil
	}
	r := refuse(http.StatusBadRequest, wrongParameter, q.wrong)
	return &r
}

// fields are the names of the fields that a response has, each with the fields of the objects inside it.
type fields map[string]fields

// parseFields parses "a,b(c,d)" up to the end, or up to a closing parenthesis that was not opened.
func parseFields(text string) (f fields, rest string, ok bool) {
	f = fields{}
	for {
		end := strings.IndexAny(text, ",()")
		if end < 0 {
			end = len(text)
		}
		name := strings.TrimSpace(text[:end])
		if name == "" {
			return nil, "", false
		}
		f[name], text = nil, text[end:]
		if inner, open := strings.CutPrefix(text, "("); open {
			if f[name], text, ok = parseFields(inner); !ok || !strings.HasPrefix(text, ")") {
				return nil, "", false
			}
			text = text[1:]
		}
		var more bool
		if text, more = strings.CutPrefix(text, ","); !more {
			return f, text, true
		}
	}
}

// selectFrom returns a JSON value with only these fields.
func (f fields) selectFrom(v any) any {
	if f == nil {
		return v
	}
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = f.selectFrom(v[i])
		}
	case map[string]any:
		for name, value := range v {
			inner, wanted := f[name]
			if !wanted {
				delete(v, name)
				continue
			}
			v[name] = inner.selectFrom(value)
		}
	}
	return v
}
