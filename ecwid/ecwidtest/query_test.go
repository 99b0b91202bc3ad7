package ecwidtest

import (
	"strings"
	"testing"
)

// The parameters of a GET select what the response contains; unknown parameters are refused.
func TestQuery(t *testing.T) {
	tests := []struct {
		name, path string
		status     int
		want       string // the body, or part of it if the request is refused
	}{
		{"keyword", "customer_groups?keyword=vI&responseFields=total,items(id)", 200, `{"items":[{"id":17}],"total":1}`},
		{"keyword and pages", "customer_groups?keyword=r&limit=1&offset=1&responseFields=total,items(id)", 200, `{"items":[{"id":18}],"total":2}`},
		{"ids", "customer_groups?customerGroupId=0,18,99&responseFields=items(id)", 200, `{"items":[{"id":0},{"id":18}]}`},
		{"ids with spaces", "customer_groups?customerGroupId=17,%2018&responseFields=items(id)", 200, `{"items":[{"id":17},{"id":18}]}`},
		{"ids as Ecwid's client names them", "customer_groups?customerGroupIds=17,18&responseFields=items(id)", 200, `{"items":[{"id":17},{"id":18}]}`},
		{"ids and keyword", "customer_groups?customerGroupId=17&keyword=trade&responseFields=items(id)", 200, `{"items":[]}`},
		{"fields of a group", "customer_groups/17?responseFields=name,nothing", 200, `{"name":"VIP"}`},
		{"whole items", "customer_groups?limit=1&responseFields=count,items", 200, `{"count":1,"items":[{"id":0,"name":"General"}]}`},

		{"both names of the ids", "customer_groups?customerGroupId=17&customerGroupIds=18", 400, "cannot be used together"},
		{"no id", "customer_groups?customerGroupId=", 400, "not a group id"},
		{"broken fields", "customer_groups?responseFields=items(id", 400, "responseFields"},
		{"empty fields", "customer_groups?responseFields=", 400, "responseFields"},
		{"closed twice", "customer_groups?responseFields=items(id))", 400, "responseFields"},
		{"unknown parameter", "customer_groups?externalReferenceId=erp-17", 400, `there is no parameter \"externalReferenceId\" here`},
		{"parameter twice", "customer_groups?limit=1&limit=2", 400, "twice"},
		{"parameter of the list", "customer_groups/17?keyword=a", 400, "keyword"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewServer(Options{Groups: twoGroups()})
			defer s.Close()
			got := send(s, "GET", tt.path, "", "")
			if got.status != tt.status || tt.status == 200 && got.body != tt.want || !strings.Contains(got.body, tt.want) {
				t.Errorf("got %d %s, want %d %s", got.status, got.body, tt.status, tt.want)
			}
		})
	}
}

// The total excludes the default group only if the group matches the keyword.
func TestTotalWithoutDefault(t *testing.T) {
	s := NewServer(Options{Groups: twoGroups(), TotalWithoutDefault: true})
	defer s.Close()
	for query, want := range map[string]string{
		"":             `{"count":3,"total":2}`,
		"&limit=1":     `{"count":1,"total":2}`,
		"&keyword=vip": `{"count":1,"total":1}`,
	} {
		if got := send(s, "GET", "customer_groups?responseFields=total,count"+query, "", ""); got.body != want {
			t.Errorf("%q: got %s, want %s", query, got.body, want)
		}
	}
}
