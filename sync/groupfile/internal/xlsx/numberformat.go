package xlsx

import "strings"

// numberFormat is how a cell shows its number, as far as [Kind] distinguishes it.
type numberFormat struct {
	date  bool
	zeros int // the least number of digits; shorter numbers get leading zeros
}

// newNumberFormat parses the code of a format. A built-in format has only an id (ECMA-376, part 1, 18.8.30).
func newNumberFormat(id int, code string) numberFormat {
	if code == "" {
		isDate := 14 <= id && id <= 22 || 27 <= id && id <= 36 || 45 <= id && id <= 47 || 50 <= id && id <= 58 || 71 <= id && id <= 81
		return numberFormat{date: isDate}
	}
	var f numberFormat
	if strings.HasPrefix(strings.ToLower(code), "general") {
		return f
	}
	integer := true
	// The code after the first ";" is for negative numbers, zero and text.
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case ';':
			return f
		case '\\', '_', '*': // the next character is not part of the code
			i++
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return f
			}
			i += end + 1
		case '[': // a color, currency, language or condition; or [h], hours beyond 24
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return f
			}
			if strings.Trim(code[i+1:i+end], "hmsHMS") == "" {
				f.date = true
			}
			i += end
		case 'y', 'Y', 'm', 'M', 'd', 'D', 'h', 'H', 's', 'S':
			f.date = true
		case '.':
			integer = false
		case '0':
			if integer {
				f.zeros++
			}
		}
	}
	return f
}
