package main

import (
	"strings"
	"testing"
)

// flat returns marked text on one line: [-old-], {+new+}, <invisible>.
func flat(parts []pageValue) string {
	var b strings.Builder
	for _, part := range parts {
		open, end := "", ""
		switch part.Tag {
		case "del":
			open, end = "[-", "-]"
		case "ins":
			open, end = "{+", "+}"
		}
		b.WriteString(open)
		for _, text := range part.Parts {
			if text.Name != "" {
				b.WriteString("<" + text.Text + ">")
			} else {
				b.WriteString(text.Text)
			}
		}
		b.WriteString(end)
	}
	return b.String()
}

func TestCompareValues(t *testing.T) {
	for _, c := range []struct{ name, before, after, want, wantAfter string }{
		{"added at the end", "VIP", "VIP Customers", "VIP", "VIP{+ Customers+}"},
		{"replaced inside", "erp-0001-x", "erp-0002-x", "erp-000[-1-]-x", "erp-000{+2+}-x"},
		{"set", "", "erp-1", "", "{+erp-1+}"},
		{"cleared", "erp-1", "", "[-erp-1-]", ""},
		{"all the same letter", "aa", "aaa", "aa", "aa{+a+}"},
		{"nothing in common", "abc", "xyz", "[-abc-]", "{+xyz+}"},
		{"a trailing space", "VIP ", "VIP", "VIP[-<·>-]", "VIP"},
		{"one of several leading spaces", "  a", " b", "<·>[-<·>a-]", "<·>{+b+}"},
		{"a no-break space", "VIP\u00a0A", "VIP A", "VIP[-<no-break space>-]A", "VIP{+ +}A"},
		{"right-to-left override", "a", "\u202ea", "a", "{+<text direction mark U+202E>+}a"},
		// A letter and its accent belong together: the letter is marked as well.
		{"decomposed", "ue\u0301", "ue", "u[-e\u0301-]", "u{+e+}"},
		{"emoji of several characters", "👩\u200d👧", "👩\u200d👦", "[-👩\u200d👧-]", "{+👩\u200d👦+}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after := compareValues(c.before, c.after)
			if got := flat(before); got != c.want {
				t.Errorf("before: got %s, want %s", got, c.want)
			}
			if got := flat(after); got != c.wantAfter {
				t.Errorf("after: got %s, want %s", got, c.wantAfter)
			}
		})
	}
}

// The page shows the difference between long values, wherever it is.
func TestCompareLongValues(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	before, after := compareValues(long+"A"+long, long+"B"+long)
	part := strings.Repeat("x", maxPageValue/2)
	part = part + " … (9700 characters) … " + part
	if got, want := flat(before), part+"[-A-]"+part; got != want {
		t.Errorf("before: got %s, want %s", got, want)
	}
	if got, want := flat(after), part+"{+B+}"+part; got != want {
		t.Errorf("after: got %s, want %s", got, want)
	}
}

func FuzzCompareValues(f *testing.F) {
	f.Add("VIP", "VIP Customers")
	f.Add("e\u0301", "e")
	f.Fuzz(func(t *testing.T, before, after string) {
		marked, markedAfter := compareValues(before, after)
		text := func(parts []pageValue) string {
			var b strings.Builder
			for _, part := range parts {
				for _, p := range part.Parts {
					b.WriteString(p.Text)
				}
			}
			return b.String()
		}
		// Marking a difference changes no text: the parts together are the value, unless it is too long.
		for _, c := range []struct {
			value  string
			marked []pageValue
		}{{before, marked}, {after, markedAfter}} {
			value := string([]rune(c.value))
			if got, want := text(c.marked), text(valueParts(value)); len(value) <= maxPageValue && got != want {
				t.Errorf("%q became %q, want %q", c.value, got, want)
			}
		}
	})
}
