package quota

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"groupsync/sync/quote"
)

// Rate is a quota: at most Requests requests in any period of length Window.
type Rate struct {
	Requests int
	Window   time.Duration
}

// ParseRate parses a rate such as "600/m": a whole number of requests per s, m or h.
func ParseRate(s string) (Rate, error) {
	windows := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}
	count, unit, _ := strings.Cut(s, "/")
	n, err := strconv.Atoi(count)
	window, ok := windows[unit]
	if err != nil || !ok || n < 1 || n > math.MaxInt32 {
		return Rate{}, fmt.Errorf("the rate %s is not a number of requests per s, m or h, such as 600/m", quote.Text(s))
	}
	return Rate{n, window}, nil
}

// String returns the rate in the form that [ParseRate] takes.
func (r Rate) String() string {
	unit := map[time.Duration]string{time.Second: "s", time.Minute: "m", time.Hour: "h"}[r.Window]
	if unit == "" {
		unit = r.Window.String()
	}
	return fmt.Sprintf("%d/%s", r.Requests, unit)
}

// FitsWindow reports whether n requests are at most 90 % of the quota. They are then sent at once.
func (r Rate) FitsWindow(n int) bool { return n <= r.maxBurst() }

// Duration returns the shortest time in which n requests can be sent.
func (r Rate) Duration(n int) time.Duration {
	if r.FitsWindow(n) {
		return 0
	}
	return time.Duration(float64(max(n-r.minBurst(), 0)) / r.refill(r.minBurst()) * float64(time.Second))
}

// margin is the fraction of a window that is added to it. Requests that leave a window apart arrive closer together if
// the later one is faster on its way; half a second per minute makes up for that.
const margin = 1.0 / 120

// period returns the time over which a quota is spread: the window and its margin.
func (r Rate) period() time.Duration {
	return time.Duration(float64(r.Window) * (1 + margin))
}

// refill returns the number of requests per second that, after a burst, keeps every window within the rate.
func (r Rate) refill(burst int) float64 {
	return float64(max(r.Requests-burst, 1)) / r.period().Seconds()
}

// minBurst returns the number of requests that may leave at once while it is unknown how many follow: 1 % of the quota.
func (r Rate) minBurst() int { return max(r.Requests/100, 1) }

// maxBurst returns the largest number of requests that are sent at once if no others follow: 90 % of the quota.
func (r Rate) maxBurst() int { return r.Requests * 9 / 10 }
