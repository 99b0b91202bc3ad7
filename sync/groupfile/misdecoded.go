package groupfile

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// Misdecoded returns the value that s probably was before a program decoded its UTF-8 with another encoding: it returns
// "Großkunden" for "GroÃŸkunden" and "Gro├ƒkunden". It returns "" if s does not look like such a value.
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

// redecoded returns the value whose UTF-8 bytes give s if they are decoded with the encoding. It returns "" if there is no
// such value, or if the value is not printable.
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

// encodeWindows1252 returns s in windows-1252. It also encodes control characters: windows-1252 has no character for five
// bytes, which browsers and many programs decode as control characters.
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
