package ecwidtest

import (
	"strings"
	"testing"
)

func TestProfile(t *testing.T) {
	for name, tt := range map[string]struct {
		options      Options
		method, path string
		status       int
		want         string
	}{
		"whole":             {Options{StoreName: "Tea"}, "GET", "profile", 200, `{"settings":{"storeName":"Tea"},"account":{"suspended":false,"availableFeatures":["PREMIUM","CUSTOMER_GROUPS"]}}`},
		"one field":         {Options{StoreName: "Tea"}, "GET", "profile?responseFields=settings(storeName)", 200, `{"settings":{"storeName":"Tea"}}`},
		"suspended":         {Options{Suspended: true}, "GET", "profile", 200, `"suspended":true`},
		"no feature":        {Options{NoCustomerGroups: true}, "GET", "profile", 200, `"availableFeatures":["PREMIUM"]`},
		"no profile":        {Options{NoProfile: true}, "GET", "profile", 404, "PROFILE_NOT_FOUND"},
		"without a scope":   {Options{Scopes: []string{}}, "GET", "profile", 200, `"storeName":""`},
		"PUT":               {Options{}, "PUT", "profile", 405, "METHOD_NOT_ALLOWED"},
		"unknown parameter": {Options{}, "GET", "profile?x=1", 400, "WRONG_PARAMETER"},
		"suspended groups":  {Options{Suspended: true}, "GET", "customer_groups", 402, "STORE_IS_SUSPENDED"},
		"plan":              {Options{NoCustomerGroups: true}, "GET", "customer_groups/17", 402, "NOT_AVAILABLE_ON_CURRENT_PLAN"},
	} {
		s := NewServer(tt.options)
		got := send(s, tt.method, tt.path, utf8JSON, "")
		if got.err != nil || got.status != tt.status || !strings.Contains(got.body, tt.want) {
			t.Errorf("%s: got %d %s (%v), want %d %s", name, got.status, got.body, got.err, tt.status, tt.want)
		}
		s.Close()
	}
}
