package quota

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Rate is a quota: so many requests in any window of that length.
type Rate struct {
	Requests int
	Window   time.Duration
}

// ParseRate reads a rate such as "600/m": a whole number of requests per s, m or h.
func ParseRate(s string) (Rate, error) {
	windows := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}
	count, unit, _ := strings.Cut(s, "/")
	n, err := strconv.Atoi(count)
	window, ok := windows[unit]
	if err != nil || !ok || n < 1 || n > math.MaxInt32 {
		return Rate{}, fmt.Errorf("the rate %q is not a whole number of requests, at least 1, per s, m or h: as in 600/m", s)
	}
	return Rate{n, window}, nil
}

func (r Rate) String() string {
	unit := map[time.Duration]string{time.Second: "s", time.Minute: "m", time.Hour: "h"}[r.Window]
	if unit == "" {
		unit = r.Window.String()
	}
	return fmt.Sprintf("%d/%s", r.Requests, unit)
}

// stretch is how much longer than its window a quota is made to last, as a part of it. Requests that left
// a window apart arrive a little closer together when the later one had the faster way: half a second of a
// minute is more than that.
const stretch = 1.0 / 120

// cycle is how long a quota is made to last.
func (r Rate) cycle() time.Duration {
	return time.Duration(float64(r.Window) * (1 + stretch))
}

// refill is the number of requests a second that, after a burst, keeps every window within the rate.
func (r Rate) refill(burst int) float64 {
	return float64(max(r.Requests-burst, 1)) / r.cycle().Seconds()
}

// burst is the number of requests that may leave at once while it is not known how many will come: 1 %.
func (r Rate) burst() int { return max(r.Requests/100, 1) }

// small is the number of rows up to which an input is sent at once: 90 %.
func (r Rate) Small() int { return r.Requests * 9 / 10 }

// Duration is how long n requests take at least.
func (r Rate) Duration(n int) time.Duration {
	if n <= r.Small() {
		n = 0
	}
	return time.Duration(float64(max(n-r.burst(), 0)) / r.refill(r.burst()) * float64(time.Second))
}
