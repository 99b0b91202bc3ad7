package main

import (
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// hostileValues are cells that would change a page that does not escape them.
var hostileValues = []string{
	"</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</style><b>", "<!--", "]]>", "&lt;b&gt;",
	"javascript:alert(1)", `" onmouseover="alert(1)`, "\u202eexe.csv", "{{.}}", strings.Repeat("x", 64<<10), "\x00\x1b[2J",
}

func hostilePages() map[string]page {
	plan := page{Title: "Plan for " + hostileValues[0], About: hostileValues, Statuses: hostileValues, CommandTitle: hostileValues[2], Notes: hostileValues[:2], Command: hostileValues[7], Digest: "0"}
	results := page{Title: "Results of " + hostileValues[1], Totals: []pageTotal{{hostileValues[1], 3, "good"}, {"failed", 1, "bad"}}}
	for i, v := range hostileValues {
		old, changed := compareValues(v, hostileValues[(i+1)%len(hostileValues)])
		plan.Plan = append(plan.Plan, pagePlanRow{
			Line: i, GroupID: v, Name: v, Status: v, pageSearch: pageSearch{v},
			Fields: []pageField{{Field: "Name", Old: old, New: changed}, {Message: v, Class: "bad"}},
		})
		results.Results = append(results.Results, pageResultRow{Line: v, GroupID: v, Status: v, Attempts: v, Error: v, Name: valueParts(v), ExternalID: valueParts(v), pageSearch: pageSearch{v}})
		results.Reasons = append(results.Reasons, pageReason{Status: v, Count: 1, Line: 2, Example: v})
	}
	return map[string]page{"plan": plan, "results": results}
}

// TestPageEscapesCells checks that the page has only the elements of its template, and no attribute that runs or loads
// anything.
func TestPageEscapesCells(t *testing.T) {
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

var cssColor = regexp.MustCompile(`--([a-z]+): #([0-9a-f]{6})`)

// TestPageContrast checks the colors of the page against WCAG 2, level AA: 4.5 to 1 for text, 3 to 1 for the focus.
func TestPageContrast(t *testing.T) {
	css, err := pageFiles.ReadFile("page/page.css")
	if err != nil {
		t.Fatal(err)
	}
	schemes := strings.Split(string(css), ":root {")[1:]
	if len(schemes) != 3 {
		t.Fatalf("the page has %d color schemes, want light, dark and print", len(schemes))
	}
	for i, name := range []string{"light", "dark", "print"} {
		colors := map[string]float64{}
		rules, _, _ := strings.Cut(schemes[i], "}")
		for _, c := range cssColor.FindAllStringSubmatch(rules, -1) {
			colors[c[1]] = luminance(t, c[2])
		}
		pairs := [][2]string{
			{"text", "back"},
			{"muted", "back"},
			{"good", "back"},
			{"same", "back"},
			{"warn", "back"},
			{"bad", "back"},
			{"text", "panel"},
			{"text", "ins"},
			{"text", "del"},
			{"text", "mark"},
		}
		for _, pair := range pairs {
			if got := contrast(colors[pair[0]], colors[pair[1]]); got < 4.5 {
				t.Errorf("%s: the contrast of --%s on --%s is %.2f", name, pair[0], pair[1], got)
			}
		}
		if focus, ok := colors["focus"]; ok && contrast(focus, colors["back"]) < 3 {
			t.Errorf("%s: the contrast of --focus is below 3", name)
		}
	}
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

// luminance returns the relative luminance of a color, as WCAG 2 defines it.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	rgb, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(c uint64) float64 {
		s := float64(c&0xff) / 255
		if s <= 0.03928 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(rgb>>16) + 0.7152*linear(rgb>>8) + 0.0722*linear(rgb)
}

func TestSearchFor(t *testing.T) {
	if got, want := searchFor("VIP ", "erp-1", "A\u00a0B").Search, "VIP \nA\u00a0B"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
