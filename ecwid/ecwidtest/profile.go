package ecwidtest

import "net/http"

// profile handles GET /profile, for which no scope is needed. The response has only the fields that concern
// customer groups.
func (s *Server) profile(c call) response {
	if c.Method != http.MethodGet {
		return refuse(http.StatusMethodNotAllowed, methodNotAllowed, "Method "+c.Method+" is not allowed here")
	}
	q := newQuery(c.URL)
	fields := q.fields()
	if refusal := q.refusal(); refusal != nil {
		return *refusal
	}
	if s.options.NoProfile {
		return refuse(http.StatusNotFound, profileNotFound, "Profile not found")
	}
	type settings struct {
		StoreName string `json:"storeName"`
	}
	type account struct {
		Suspended         bool     `json:"suspended"`
		AvailableFeatures []string `json:"availableFeatures"`
	}
	features := []string{"PREMIUM"}
	if !s.options.NoCustomerGroups {
		features = append(features, "CUSTOMER_GROUPS")
	}
	return selected(struct {
		Settings settings `json:"settings"`
		Account  account  `json:"account"`
	}{settings{s.options.StoreName}, account{s.options.Suspended, features}}, fields)
}
