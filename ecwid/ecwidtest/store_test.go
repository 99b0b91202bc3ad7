package ecwidtest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUpdate sends a PUT to group 17, whose name is VIP and whose external id is erp-17.
func TestUpdate(t *testing.T) {
	tests := []struct {
		name    string
		options Options
		body    string
		count   int
		want    Group
	}{
		{"both", Options{}, `{"name":"A","externalReferenceId":"0017"}`, 1, Group{17, "A", "0017"}},
		// An absent field keeps its value.
		{"name alone", Options{}, `{"name":"A"}`, 1, Group{17, "A", "erp-17"}},
		{"id alone", Options{}, `{"externalReferenceId":"e"}`, 1, Group{17, "VIP", "e"}},
		{"clear", Options{}, `{"externalReferenceId":null}`, 1, Group{17, "VIP", ""}},
		{"as written", Options{}, `{"name":"  A\u200b "}`, 1, Group{17, "  A\u200b ", "erp-17"}},

		// The meanings that updateCount 0 may have.
		{"never", Options{}, `{"name":"VIP"}`, 1, Group{17, "VIP", "erp-17"}},
		{"unchanged", Options{ZeroUpdate: ZeroWhenUnchanged}, `{"name":"VIP"}`, 0, Group{17, "VIP", "erp-17"}},
		{"changed", Options{ZeroUpdate: ZeroWhenUnchanged}, `{"name":"A"}`, 1, Group{17, "A", "erp-17"}},
		{"refused", Options{ZeroUpdate: ZeroRefused}, `{"name":"A"}`, 0, Group{17, "VIP", "erp-17"}},
		{"this one refused", Options{ZeroUpdate: ZeroRefused, Refused: []int32{17}}, `{"name":"A"}`, 0, Group{17, "VIP", "erp-17"}},
		{"another refused", Options{ZeroUpdate: ZeroRefused, Refused: []int32{18}}, `{"name":"A"}`, 1, Group{17, "A", "erp-17"}},

		{"name required", Options{RequireName: true}, `{"name":"A"}`, 1, Group{17, "A", "erp-17"}},
		{"external id ignored", Options{DropExternalID: true}, `{"name":"A","externalReferenceId":"e"}`, 1, Group{17, "A", "erp-17"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.options.Groups = twoGroups()
			s := NewServer(tt.options)
			defer s.Close()
			got := put(s, "customer_groups/17", tt.body)
			if want := fmt.Sprintf(`{"updateCount":%d}`, tt.count); got.body != want {
				t.Errorf("got %d %s, want %s", got.status, got.body, want)
			}
			if got := s.Groups()[1]; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// With RequireName, a PUT without a name is refused.
func TestRequireName(t *testing.T) {
	s := NewServer(Options{Groups: twoGroups(), RequireName: true})
	defer s.Close()
	got := put(s, "customer_groups/17", `{"externalReferenceId":"e"}`)
	if got.status != 400 || !strings.Contains(got.body, "Field CustomerGroup.name is absent") || !cmp.Equal(s.Groups()[1:], twoGroups()) {
		t.Errorf("got %d %s, and %v", got.status, got.body, s.Groups())
	}
}

// A created group gets the next id. Deleting a group a second time returns a count of 0.
func TestCreateAndDelete(t *testing.T) {
	s := NewServer(Options{Groups: twoGroups()})
	defer s.Close()
	for i, step := range []struct{ method, path, body, want string }{
		{"POST", "customer_groups", `{"name":"New","externalReferenceId":"new"}`, `{"id":19}`},
		{"POST", "customer_groups", `{"name":"Newer"}`, `{"id":20}`},
		{"DELETE", "customer_groups/17", "", `{"deleteCount":1}`},
		{"DELETE", "customer_groups/17", "", `{"deleteCount":0}`},
		{"PUT", "customer_groups/20", `{"externalReferenceId":"erp-17"}`, `{"updateCount":1}`},
	} {
		if got := send(s, step.method, step.path, utf8JSON, step.body); got.status != 200 || got.body != step.want {
			t.Errorf("%d: got %d %s, want %s", i, got.status, got.body, step.want)
		}
	}
	want := []Group{{ID: 0, Name: "General"}, {18, "Trade", ""}, {19, "New", "new"}, {20, "Newer", "erp-17"}}
	if diff := cmp.Diff(want, s.Groups()); diff != "" {
		t.Error(diff)
	}
}

// An external id is free as soon as its group releases it.
func TestExternalIDMoves(t *testing.T) {
	s := NewServer(Options{Groups: twoGroups()})
	defer s.Close()
	for i, tt := range []struct {
		path, body string
		status     int
	}{
		{"customer_groups/18", `{"externalReferenceId":"erp-17"}`, 409},
		{"customer_groups/17", `{"externalReferenceId":"new"}`, 200},
		{"customer_groups/18", `{"externalReferenceId":"erp-17"}`, 200},
		{"customer_groups/17", `{"externalReferenceId":"erp-17"}`, 409},
		{"customer_groups/18", `{"externalReferenceId":null}`, 200},
		{"customer_groups/17", `{"externalReferenceId":"erp-17"}`, 200},
	} {
		if got := put(s, tt.path, tt.body); got.status != tt.status {
			t.Errorf("%d: got %d %s, want %d", i, got.status, got.body, tt.status)
		}
	}
}

// A change without a request takes effect at once.
func TestSetAndDeleteGroup(t *testing.T) {
	s := NewServer(Options{Groups: twoGroups()})
	defer s.Close()
	s.SetGroup(Group{ID: 5, Name: "Five", ExternalReferenceID: "erp-17"})
	s.SetGroup(Group{ID: 0, Name: "Everyone"})
	s.DeleteGroup(18)
	want := []Group{{ID: 0, Name: "Everyone"}, {5, "Five", "erp-17"}, {ID: 17, Name: "VIP"}}
	if diff := cmp.Diff(want, s.Groups()); diff != "" {
		t.Error(diff)
	}
	if got := put(s, "customer_groups/18", `{"name":"A"}`); got.status != 404 {
		t.Errorf("the deleted group: got %d", got.status)
	}
}

func TestAnyGroup(t *testing.T) {
	s := NewServer(Options{AnyGroup: true})
	defer s.Close()
	send(s, "GET", "customer_groups/7", "", "")
	put(s, "customer_groups/2147483647", `{"externalReferenceId":"last"}`)
	want := []Group{{ID: 0, Name: "General"}, {ID: 7, Name: "Group 7"}, {2147483647, "Group 2147483647", "last"}}
	if diff := cmp.Diff(want, s.Groups()); diff != "" {
		t.Error(diff)
	}
}

// Together, the pages contain each group of the store once.
func TestPages(t *testing.T) {
	var o Options
	for id := range int32(250) {
		o.Groups = append(o.Groups, Group{ID: 1000 - 3*id, Name: "N"})
	}
	s := NewServer(o)
	defer s.Close()
	var got []int32
	for {
		var page struct {
			Total, Count int
			Items        []struct{ ID int32 }
		}
		res := send(s, "GET", fmt.Sprintf("customer_groups?limit=100&offset=%d", len(got)), "", "")
		if err := json.Unmarshal([]byte(res.body), &page); err != nil || page.Total != 251 || page.Count != len(page.Items) {
			t.Fatalf("got %s (%v)", res.body, err)
		}
		if page.Count == 0 {
			break
		}
		for _, item := range page.Items {
			got = append(got, item.ID)
		}
	}
	var want []int32
	for _, g := range s.Groups() {
		want = append(want, g.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// parseChange never panics, and the bodies that it accepts are valid JSON with at least one field.
func FuzzParseChange(f *testing.F) {
	f.Add(utf8JSON, []byte(`{"name":"A","externalReferenceId":null}`))
	f.Add("application/json", []byte(`{"name":"A"} {}`))
	f.Add("application/json; charset=\"", []byte("{\"name\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		c, refusal := parseChange(contentType, body)
		if refusal != nil {
			if refusal.status < 400 || !json.Valid(refusal.body) {
				t.Errorf("refused with %d %s", refusal.status, refusal.body)
			}
			return
		}
		if !json.Valid(body) || c.name == nil && c.externalID == nil {
			t.Errorf("parsed %q as %v", body, c)
		}
	})
}
