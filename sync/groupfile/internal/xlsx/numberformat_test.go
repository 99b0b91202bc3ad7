package xlsx

import "testing"

func TestNumberFormat(t *testing.T) {
	for _, tt := range []struct {
		id   int
		code string
		want numberFormat
	}{
		{0, "", numberFormat{}},
		{1, "0", numberFormat{zeros: 1}},
		{22, "", numberFormat{date: true}},
		{49, "", numberFormat{}},
		{164, "General", numberFormat{}},
		{164, "@", numberFormat{}},
		{164, "0000000", numberFormat{zeros: 7}},
		{164, "000-00.00", numberFormat{zeros: 5}},
		{164, `"00"0`, numberFormat{zeros: 1}},
		{164, `#,##0.00\ [$€-407];[Red]\-#,##0.00\ [$€-407]`, numberFormat{zeros: 1}},
		{164, "0.00E+00", numberFormat{zeros: 1}},
		{164, `0\d`, numberFormat{zeros: 1}},
		{164, `0;"d"`, numberFormat{zeros: 1}},
		{164, "[$-407]d. mmmm yyyy", numberFormat{date: true}},
		{164, "[hh]", numberFormat{date: true}},
		{164, "[Red]0", numberFormat{zeros: 1}},
		{164, `"unclosed`, numberFormat{}},
		{164, `0"`, numberFormat{zeros: 1}},
		{164, `[`, numberFormat{}},
		{164, `0\`, numberFormat{zeros: 1}},
	} {
		if got := newNumberFormat(tt.id, tt.code); got != tt.want {
			t.Errorf("newNumberFormat(%d, %q) = %+v, want %+v", tt.id, tt.code, got, tt.want)
		}
	}
}
