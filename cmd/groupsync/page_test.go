package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// hostileValues are cells that would act on a page that is not careful.
var hostileValues = []string{
	"</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</style><b>", "<!--", "]]>", "&lt;b&gt;",
	"javascript:alert(1)", `" onmouseover="alert(1)`, "\u202eexe.csv", "{{.}}", strings.Repeat("x", 64<<10), "\x00\x1b[2J",
}

func hostilePages() map[string]page {
	plan := page{Title: "Plan for " + hostileValues[0], About: hostileValues, Notes: hostileValues[:2], Command: hostileValues[7], Digest: "0"}
	results := page{Title: "Results of " + hostileValues[1], Totals: []pageTotal{{hostileValues[1], 3, "good"}, {"failed", 1, "bad"}}}
	for i, v := range hostileValues {
		old, changed := compareValues(v, hostileValues[(i+1)%len(hostileValues)])
		plan.Plan = append(plan.Plan, pagePlanRow{Line: i, GroupID: v, Status: "updated", Field: "name", Old: old, New: changed, Search: strings.ToLower(v)})
		plan.Plan = append(plan.Plan, pagePlanRow{Line: i, Status: v, Message: v, Class: "bad"})
		results.Results = append(results.Results, pageResultRow{Line: v, GroupID: v, Status: v, Error: v, Name: valueParts(v), ExternalID: valueParts(v)})
		results.Reasons = append(results.Reasons, pageReason{Status: v, Count: 1, Line: 2, Example: v})
	}
	return map[string]page{"plan": plan, "results": results}
}

// TestPageKeepsCellsText looks that the page has the elements of its template and no others, and no attribute
// that runs or loads anything.
func TestPageKeepsCellsText(t *testing.T) {
	for name, p := range hostilePages() {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			if err := p.write(&out); err != nil {
				t.Fatal(err)
			}
			allowed := strings.Fields("html head meta title style body main h1 h2 p svg rect ul li b pre form label input select option output table caption thead tbody tr th td span ins del script")
			counts := map[string]int{}
			tokens := html.NewTokenizer(strings.NewReader(out.String()))
			for {
				kind := tokens.Next()
				if kind == html.ErrorToken {
					if tokens.Err() != io.EOF {
						t.Fatal(tokens.Err())
					}
					break
				}
				if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
					continue
				}
				tag := tokens.Token()
				counts[tag.Data]++
				if !slices.Contains(allowed, tag.Data) {
					t.Errorf("the page has an element %v", tag)
				}
				for _, a := range tag.Attr {
					if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "href" || a.Key == "action" {
						t.Errorf("the page has an attribute %s in %s", a.Key, tag.Data)
					}
				}
			}
			if counts["script"] != 1 || counts["style"] != 1 || counts["table"] != 1 {
				t.Errorf("the page has the elements %v, want one script, style and table", counts)
			}
		})
	}
}

func TestPageBar(t *testing.T) {
	p := page{Totals: []pageTotal{{"updated", 2, "good"}, {"failed", 1, "bad"}, {"invalid", 0, "bad"}}}
	if got, want := fmt.Sprint(p.bar()), "[{good 0 666} {bad 666 334}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := p.barLabel(), "2 updated, 1 failed, 0 invalid"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if parts := (page{Totals: []pageTotal{{"updated", 0, "good"}}}).bar(); parts != nil {
		t.Errorf("an empty plan has a bar of %v", parts)
	}
}
