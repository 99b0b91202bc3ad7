package plan

import (
	"fmt"
	"strconv"
	"strings"
)

// Share is a number of changes, or a part of the store's groups. The zero Share bounds nothing.
type Limit struct {
	Number  float64
	percent bool
	Set     bool
}

// ParseShare reads a number such as "50", or a part such as "5%" or "0.5%".
func ParseLimit(s string) (Limit, error) {
	digits, percent := strings.CutSuffix(s, "%")
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || strings.Trim(digits, "0123456789.") != "" || !percent && strings.Contains(digits, ".") {
		return Limit{}, fmt.Errorf("%q is neither a number of changes, as in 50, nor a part of the store's groups, as in 5%%", s)
	}
	return Limit{n, percent, true}, nil
}

// of is how many of so many groups that is at most.
func (s Limit) Max(groups int) int {
	if s.percent {
		return int(s.Number * float64(groups) / 100)
	}
	return int(s.Number)
}

func (s Limit) String() string {
	text := strconv.FormatFloat(s.Number, 'f', -1, 64)
	if s.percent {
		text += "%"
	}
	return text
}
