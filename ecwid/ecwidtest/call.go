package ecwidtest

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Scopes that a token may have.
const (
	readCustomers   = "read_customers"
	updateCustomers = "update_customers"
	createCustomers = "create_customers"
)

// call is a request as the API reads it.
type call struct {
	*http.Request
	body     []byte
	api      bool   // it is under Path
	store    string // /api/v3/{store}
	resource string // the rest: "customer_groups", "customer_groups/17"
	group    string // the {groupId} of "customer_groups/{groupId}", as written
	groupID  int32  // 0: none, or not valid
}

func newCall(r *http.Request, body []byte) call {
	c := call{Request: r, body: body}
	// The path as written: unescaped, "%31" would be read as 1.
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), Path+"/")
	c.api = ok
	c.store, c.resource, _ = strings.Cut(rest, "/")
	if group, ok := strings.CutPrefix(c.resource, "customer_groups/"); ok {
		c.group = group
		c.groupID, _ = parseID(group)
	}
	return c
}

// isForGroup reports whether the call is about one group, not about the list.
func (c call) isForGroup() bool { return strings.HasPrefix(c.resource, "customer_groups/") }

// parseID parses a group id: digits, no leading zero, 1 to 2147483647.
func parseID(s string) (id int32, ok bool) {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != s {
		return 0, false
	}
	return int32(n), true
}

// admit checks what comes before the store: address, token and quota. It returns false with a response if
// the call ends there.
func (s *Server) admit(c call, now time.Time) (r response, ok bool) {
	switch {
	case !c.api:
		return htmlPage(http.StatusNotFound), false
	case c.store != s.options.Store:
		return refuse(http.StatusNotFound, storeNotFound, "Store not found"), false
	case s.revoked.Load(),
		!slices.Equal(c.Header["Authorization"], []string{"Bearer " + s.options.Token}),
		c.URL.Query().Has("token"): // refused since 2025-03-20, whatever the header says
		s.unauthorized.Add(1)
		return refuse(http.StatusForbidden, "", ""), false
	}
	if wait := s.quota.take(now); wait > 0 {
		return tooManyRequests(wait), false
	}
	return response{}, true
}

// serve returns the store's response to a call that was admitted.
func (s *Server) serve(c call) response {
	if c.resource == "profile" {
		return s.profile(c)
	}
	if c.resource != "customer_groups" && !c.isForGroup() || strings.Contains(c.group, "/") {
		return refuse(http.StatusNotFound, "", "No such resource")
	}
	handle, scope := s.route(c)
	switch {
	case handle == nil:
		return refuse(http.StatusMethodNotAllowed, methodNotAllowed, "Method "+c.Method+" is not allowed here")
	case !slices.Contains(s.options.Scopes, scope):
		return refuse(http.StatusForbidden, insufficientAppScope, "The token lacks the scope "+scope)
	case s.options.Suspended:
		return refuse(http.StatusPaymentRequired, storeIsSuspended, "Store is suspended")
	case s.options.NoCustomerGroups:
		return refuse(http.StatusPaymentRequired, notAvailableOnPlan, "Customer groups are not available on the current plan")
	case c.isForGroup() && c.groupID == 0:
		return refuse(http.StatusBadRequest, wrongParameter, fmt.Sprintf(
			"groupId must be plain digits, 1 to %d, not %q", math.MaxInt32, c.group))
	}
	return handle(c)
}

// route returns the handler of the call, or nil if there is none, and the scope that the call needs.
func (s *Server) route(c call) (handle func(call) response, scope string) {
	switch one := c.isForGroup(); {
	case c.Method == http.MethodGet && one:
		return s.get, readCustomers
	case c.Method == http.MethodGet:
		return s.list, readCustomers
	case c.Method == http.MethodPut && one:
		return s.put, updateCustomers
	case c.Method == http.MethodDelete && one:
		return s.remove, updateCustomers
	case c.Method == http.MethodPost && !one:
		return s.post, createCustomers
	}
	return nil, ""
}

// get handles GET /customer_groups/{groupId}.
func (s *Server) get(c call) response {
	q := newQuery(c.URL)
	fields := q.fields()
	if refusal := q.refusal(); refusal != nil {
		return *refusal
	}
	g, found := s.store.get(c.groupID)
	if !found {
		return groupNotFound(c.groupID)
	}
	return selected(groupJSON(g), fields)
}

// put handles PUT /customer_groups/{groupId}.
func (s *Server) put(c call) response {
	change, refusal := s.readChange(c)
	if refusal != nil {
		return *refusal
	}
	if change.name == nil && s.options.RequireName {
		return nameAbsent()
	}
	return s.store.update(c.groupID, change)
}

// post handles POST /customer_groups.
func (s *Server) post(c call) response {
	change, refusal := s.readChange(c)
	if refusal != nil {
		return *refusal
	}
	if change.name == nil {
		return nameAbsent()
	}
	return s.store.create(change)
}

// remove handles DELETE /customer_groups/{groupId}.
func (s *Server) remove(c call) response {
	if refusal := newQuery(c.URL).refusal(); refusal != nil {
		return *refusal
	}
	return ok(map[string]int{"deleteCount": s.store.delete(c.groupID)})
}

// readChange returns the change that the body of a PUT or a POST asks for.
func (s *Server) readChange(c call) (change, *response) {
	if refusal := newQuery(c.URL).refusal(); refusal != nil {
		return change{}, refusal
	}
	return parseChange(c.Header.Get("Content-Type"), c.body)
}

// list handles GET /customer_groups. It reduces a limit above maxLimit to maxLimit, and the response says so.
func (s *Server) list(c call) response {
	q := newQuery(c.URL)
	limit := min(q.number("limit", 1, maxLimit), maxLimit)
	offset := q.number("offset", 0, 0)
	keep := q.filter()
	fields := q.fields()
	if refusal := q.refusal(); refusal != nil {
		return *refusal
	}
	groups, total := s.store.page(keep, offset, limit)
	if s.options.TotalWithoutDefault && (keep == nil || keep(Group{Name: DefaultGroupName})) {
		total--
	}
	items := make([]groupJSON, len(groups))
	for i, g := range groups {
		items[i] = groupJSON(g)
	}
	return selected(struct {
		Total  int         `json:"total"`
		Count  int         `json:"count"`
		Offset int         `json:"offset"`
		Limit  int         `json:"limit"`
		Items  []groupJSON `json:"items"`
	}{total, len(items), offset, limit, items}, fields)
}
