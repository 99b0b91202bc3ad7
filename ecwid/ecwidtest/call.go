package ecwidtest

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Scopes a token may have.
const (
	readCustomers   = "read_customers"
	updateCustomers = "update_customers"
)

// maxLimit is how many groups a page of the list holds at most, and unless asked for fewer.
const maxLimit = 100

// call is a request as the API reads it.
type call struct {
	*http.Request
	body     []byte
	api      bool   // it is under Path
	store    string // /api/v3/{store}
	resource string // what follows: "customer_groups", "customer_groups/17"
	group    string // the {groupId} of "customer_groups/{groupId}", as written
	groupID  int32  // 0: none, or none that is valid
}

func newCall(r *http.Request, body []byte) call {
	c := call{Request: r, body: body}
	// As written: in an unescaped path "%31" would pass for 1.
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), Path+"/")
	c.api = ok
	c.store, c.resource, _ = strings.Cut(rest, "/")
	if group, ok := strings.CutPrefix(c.resource, "customer_groups/"); ok {
		c.group = group
		c.groupID, _ = parseID(group)
	}
	return c
}

// parseID reads a group id written plainly: digits, no leading zero, 1 to 2147483647.
func parseID(s string) (id int32, ok bool) {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != s {
		return 0, false
	}
	return int32(n), true
}

// admit is the gate before the store: its answer counts if ok is false.
func (s *Server) admit(c call, now time.Time) (a answer, ok bool) {
	switch {
	case !c.api:
		return page(http.StatusNotFound), false
	case c.store != s.options.Store:
		return refuse(http.StatusNotFound, storeNotFound, "Store not found"), false
	case s.revoked.Load(),
		!slices.Equal(c.Header["Authorization"], []string{"Bearer " + s.options.Token}),
		c.URL.Query().Has("token"): // refused since 2025-03-20, whatever the header says
		s.refused.Add(1)
		return refuse(http.StatusForbidden, "", ""), false
	}
	if wait := s.quota.take(now); wait > 0 {
		return tooMany(wait), false
	}
	return answer{}, true
}

// serve is the store's answer to a call that was admitted.
func (s *Server) serve(c call) answer {
	one := strings.HasPrefix(c.resource, "customer_groups/")
	switch {
	case !one && c.resource != "customer_groups", strings.Contains(c.group, "/"):
		return refuse(http.StatusNotFound, "", "No such resource")
	case c.Method == http.MethodGet && !s.may(readCustomers),
		c.Method == http.MethodPut && one && !s.may(updateCustomers):
		return refuse(http.StatusForbidden, insufficientAppScope, "The token lacks a scope that this call needs")
	case c.Method == http.MethodGet && !one:
		return s.list(c)
	case c.Method != http.MethodGet && !(c.Method == http.MethodPut && one):
		return refuse(http.StatusMethodNotAllowed, "", c.Method+" is not emulated here")
	case c.groupID == 0:
		return refuse(http.StatusBadRequest, wrongParameter, fmt.Sprintf(
			"groupId must be plain digits, 1 to %d, not %q", math.MaxInt32, c.group))
	case c.Method == http.MethodGet:
		return s.get(c)
	default:
		return s.put(c)
	}
}

func (s *Server) may(scope string) bool { return slices.Contains(s.options.Scopes, scope) }

// get is GET /customer_groups/{groupId}.
func (s *Server) get(c call) answer {
	g, found := s.store.get(c.groupID)
	if !found {
		return groupNotFound(c.groupID)
	}
	return ok(groupJSON(g))
}

// put is PUT /customer_groups/{groupId}.
func (s *Server) put(c call) answer {
	change, refusal := parseChange(c.Header.Get("Content-Type"), c.body)
	if refusal != nil {
		return *refusal
	}
	return s.store.update(c.groupID, change)
}

// list is GET /customer_groups. A limit above the largest is cut down to it, and the answer says so.
func (s *Server) list(c call) answer {
	query := c.URL.Query()
	limit, limitOK := number(query, "limit", maxLimit)
	offset, offsetOK := number(query, "offset", 0)
	if !limitOK || !offsetOK || limit == 0 {
		return refuse(http.StatusBadRequest, wrongParameter, "limit must be a number from 1 on, offset one from 0 on")
	}
	var ids []int32
	if query.Has("customerGroupIds") {
		for text := range strings.SplitSeq(query.Get("customerGroupIds"), ",") {
			id, ok := parseID(text)
			if !ok && text != "0" { // the default group can be read
				return refuse(http.StatusBadRequest, wrongParameter, fmt.Sprintf("customerGroupIds: %q is no group id", text))
			}
			ids = append(ids, id)
		}
	}
	limit = min(limit, maxLimit)
	groups, total := s.store.page(ids, offset, limit)
	items := make([]groupJSON, len(groups))
	for i, g := range groups {
		items[i] = groupJSON(g)
	}
	return ok(struct {
		Total  int         `json:"total"`
		Count  int         `json:"count"`
		Offset int         `json:"offset"`
		Limit  int         `json:"limit"`
		Items  []groupJSON `json:"items"`
	}{total, len(items), offset, limit, items})
}

// number is a parameter of the query, zero or more; absent: its default.
func number(query url.Values, name string, absent int) (n int, ok bool) {
	if !query.Has(name) {
		return absent, true
	}
	n64, err := strconv.ParseUint(query.Get(name), 10, 31)
	return int(n64), err == nil
}
