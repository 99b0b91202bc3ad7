package plan

import (
	"fmt"
	"strconv"
	"strings"

	"groupsync/sync/quote"
)

// Limit is the largest number of changes that a run may make, or a percentage of the store's groups. The zero Limit
// allows any number.
type Limit struct {
	Number  float64 // the number of changes, or the percentage
	percent bool
	Set     bool // there is a limit
}

// ParseLimit parses a number such as "50", or a percentage such as "5%" or "0.5%".
func ParseLimit(s string) (Limit, error) {
	digits, percent := strings.CutSuffix(s, "%")
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || strings.Trim(digits, "0123456789.") != "" || !percent && strings.Contains(digits, ".") {
		return Limit{}, fmt.Errorf("%s is neither a number of changes, such as 50, nor a percentage of the store's groups, such as 5%%", quote.Text(s))
	}
	return Limit{n, percent, true}, nil
}

// Max returns the largest number of changes in a store with this many groups.
func (l Limit) Max(groups int) int {
	if l.percent {
		return int(l.Number * float64(groups) / 100)
	}
	return int(l.Number)
}

func (l Limit) String() string {
	text := strconv.FormatFloat(l.Number, 'f', -1, 64)
	if l.percent {
		text += "%"
	}
	return text
}
