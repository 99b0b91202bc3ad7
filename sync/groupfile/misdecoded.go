package groupfile

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// Misdecoded returns what a value most likely was before a program decoded its UTF-8 in another encoding, so that
// "Großkunden" became "GroÃŸkunden" or "Gro├ƒkunden". It returns "" for a value that does not look like that.
func Misdecoded(s string) string {
	if isASCII(s) {
		return ""
	}
	for _, e := range []encoding.Encoding{charmap.Windows1252, charmap.CodePage437, charmap.CodePage850, charmap.Macintosh} {
		if original := redecoded(s, e); original != "" {
			return original
		}
	}
	return ""
}

// redecoded returns the UTF-8 text that reads as s in an encoding, or "" if there is none that a person could have
// written.
func redecoded(s string, e encoding.Encoding) string {
	original, err := e.NewEncoder().String(s)
	if e == charmap.Windows1252 && err != nil {
		original, err = encodeWindows1252(s)
	}
	if err != nil || isASCII(original) || !utf8.ValidString(original) {
		return ""
	}
	for _, r := range original {
		if !unicode.IsPrint(r) && r != '\u00a0' {
			return ""
		}
	}
	return original
}

// encodeWindows1252 encodes also the five bytes that have no character in Windows-1252: browsers and many programs
// decode them as control characters.
func encodeWindows1252(s string) (string, error) {
	encoder := charmap.Windows1252.NewEncoder()
	var b strings.Builder
	for _, r := range s {
		if 0x80 <= r && r < 0xa0 {
			b.WriteByte(byte(r))
			continue
		}
		encoded, err := encoder.String(string(r))
		if err != nil {
			return "", err
		}
		b.WriteString(encoded)
	}
	return b.String(), nil
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
