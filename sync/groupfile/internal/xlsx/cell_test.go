package xlsx

import "testing"

func TestDateText(t *testing.T) {
	for _, tt := range []struct {
		days     float64
		date1904 bool
		want     string
	}{
		{0, false, "1899-12-30"},
		{0.25, false, "06:00:00"},
		{1, false, "1900-01-01"},
		{59, false, "1900-02-28"},
		{61, false, "1900-03-01"}, // in Excel, 1900 is a leap year
		{45000, false, "2023-03-15"},
		{45000.75, false, "2023-03-15 18:00:00"},
		{45000.999999, false, "2023-03-16 00:00:00"},
		{43538, true, "2023-03-15"},
		{2958465, false, "9999-12-31"},
		{-1, false, "-1"},
		{1e20, false, "100000000000000000000"},
	} {
		if got := dateText(tt.days, tt.date1904); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.days, got, tt.want)
		}
	}
}
