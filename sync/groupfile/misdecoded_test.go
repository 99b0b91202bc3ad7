package groupfile

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

func TestMisdecoded(t *testing.T) {
	for s, want := range map[string]string{
		"GroÃŸkunden":  "Großkunden",
		"Gro├ƒkunden":  "Großkunden",
		"HÃ¤ndler":     "Händler",
		"Ã\u0089cole":  "École",
		"â‚¬ 50":       "€ 50",
		"é¡§å®¢":       "顧客",
		"M√ºller":      "Müller",
		"Großkunden":   "",
		"École ÄÖÜ":    "",
		"顧客":           "",
		"Ã":            "",
		"São Paulo":    "",
		"5 € – 10 €":   "",
		"Größe™":       "",
		"VIP":          "",
		"a\u0301":      "",
		"Привет":       "",
		"Â":            "",
		"ÅŸ and ÄŸ ok": "ş and ğ ok",
	} {
		if got := Misdecoded(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

// Misdecoded reverses the decoding of UTF-8 in each common encoding.
func TestMisdecodedRoundTrip(t *testing.T) {
	for _, e := range []encoding.Encoding{charmap.Windows1252, charmap.CodePage437, charmap.CodePage850, charmap.Macintosh} {
		for _, s := range []string{"Großkunden", "Händler", "Öffentlich", "Überweisung", "Ämter", "naïve café", "Mañana", "Škoda"} {
			decoded, err := e.NewDecoder().String(s)
			if err != nil {
				t.Fatal(err)
			}
			if got := Misdecoded(decoded); got != s {
				t.Errorf("%v: %q is decoded as %q: got %q", e, s, decoded, got)
			}
		}
	}
}
