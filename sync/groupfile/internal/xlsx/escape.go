package xlsx

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// escape returns s as XML text. It writes characters that XML does not allow as _xHHHH_ (ECMA-376, part 1, ST_Xstring). It
// also escapes each "_" before an "x", because programs differ in what they recognize as such an escape.
func escape(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '_' && strings.HasPrefix(s[i+1:], "x"), r < ' ' && r != '\t' && r != '\n', r == 0xfffe, r == 0xffff:
			fmt.Fprintf(&b, "_x%04X_", r)
		default:
			b.WriteRune(r)
		}
	}
	var out strings.Builder
	// A strings.Builder returns no error.
	_ = xml.EscapeText(&out, []byte(b.String()))
	return out.String()
}

// unescape replaces escapes such as _x000D_ with their characters (ECMA-376, part 1, ST_Xstring).
func unescape(s string) string {
	const length = len("_x000D_")
	var b strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 || len(s)-i < length {
			break
		}
		code, err := strconv.ParseUint(s[i+2:i+6], 16, 16)
		if err != nil || s[i+6] != '_' {
			b.WriteString(s[:i+2])
			s = s[i+2:]
			continue
		}
		b.WriteString(s[:i])
		b.WriteRune(rune(code))
		s = s[i+length:]
	}
	b.WriteString(s)
	return b.String()
}
