package main

import (
	"fmt"
	"maps"
	"strings"
	stdsync "sync"
	"time"

	"groupsync/sync/journal"
	"groupsync/sync/quota"
)

// progress counts the rows of a run, and records what the run is waiting for. Its methods may be called concurrently.
type progress struct {
	rate  quota.Rate
	limit int // 0: none

	mu       stdsync.Mutex
	began    time.Time
	rows     map[journal.Status]int
	done     int
	recorded int // how many of these earlier runs settled
	total    int // 0: not known

	stopping    bool
	pausedUntil time.Time
	outageSince time.Time     // zero: the store responds
	deferredAt  time.Time     // when it was last logged that rows wait for external ids
	idle        time.Duration // spent, or to be spent, in pauses and outages
}

func newProgress(rate quota.Rate, limit int) *progress {
	return &progress{rate: rate, limit: limit, began: time.Now(), rows: map[journal.Status]int{}}
}

// begun sets how many rows of each status earlier runs settled.
func (p *progress) begun(recorded map[journal.Status]int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for status, n := range recorded {
		p.rows[status] = n
		p.recorded += n
	}
	p.done = p.recorded
}

// settled counts a row.
func (p *progress) settled(status journal.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows[status]++
	p.done++
}

// counted sets the number of rows of the input.
func (p *progress) counted(rows int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total = rows
}

// paused records a pause, and reports whether to log it: each request that gets a 429 during a pause extends the pause
// a little.
func (p *progress) paused(until time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	isNew := until.Sub(p.pausedUntil) >= time.Second
	from := time.Now()
	if p.pausedUntil.After(from) {
		from = p.pausedUntil
	}
	p.idle += max(0, until.Sub(from))
	p.pausedUntil = until
	return isNew
}

// deferred reports whether to log that rows wait for external ids: once a minute.
func (p *progress) deferred(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.deferredAt) < aliveInterval {
		return false
	}
	p.deferredAt = now
	return true
}

// outage records that the store has not responded since the given time.
func (p *progress) outage(since time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outageSince = since
}

// back records that the store responds again, after an outage of the given length.
func (p *progress) back(after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outageSince = time.Time{}
	p.idle += after
}

// stop records that the run is stopping.
func (p *progress) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopping = true
}

// counts returns the number of settled rows by status.
func (p *progress) counts() map[journal.Status]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.rows)
}

// state returns what the run is waiting for, or "".
func (p *progress) state(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting(now)
}

func (p *progress) waiting(now time.Time) string {
	switch {
	case p.stopping:
		return "stopping"
	case !p.outageSince.IsZero():
		return "store not responding since " + p.outageSince.UTC().Format("15:04:05 UTC")
	case p.pausedUntil.After(now):
		return "waiting for quota until " + p.pausedUntil.UTC().Round(time.Second).Format("15:04:05 UTC")
	}
	return ""
}

// line returns the status line: parts that are separated by two spaces, the most important ones first. A narrow terminal
// shows only the first parts.
func (p *progress) line(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var parts []string
	total := p.total
	if p.limit > 0 {
		total = min(total, p.recorded+p.limit)
	}
	if total > 0 {
		parts = append(parts, fmt.Sprintf("%d/%d %d%%", p.done, total, 100*p.done/max(total, p.done)))
	} else {
		parts = append(parts, fmt.Sprintf("%d rows", p.done))
	}
	pause := max(0, p.pausedUntil.Sub(now))
	speed := 0.0
	if busy := now.Sub(p.began) - p.idle + pause; busy > 0 {
		speed = float64(p.done-p.recorded) / busy.Seconds()
	}
	if state := p.waiting(now); state != "" {
		parts = append(parts, state)
	} else {
		parts = append(parts, fmt.Sprintf("%.1f/s", speed))
		if left := total - p.done; left > 0 {
			parts = append(parts, short(timeLeft(left, total-p.recorded, speed, p.rate))+" left")
		}
	}
	for _, status := range journal.Statuses() {
		if n := p.rows[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", status, n))
		}
	}
	return strings.Join(parts, "  ")
}

// timeLeft returns how long the remaining rows of a run take: at the speed so far, but not faster than the quota
// allows. Runs that fit into one window do not wait for the quota.
func timeLeft(remaining, rows int, speed float64, rate quota.Rate) time.Duration {
	var byQuota, bySpeed time.Duration
	if !rate.FitsWindow(rows) {
		byQuota = time.Duration(float64(remaining) * float64(rate.Window) / float64(rate.Requests))
	}
	if speed > 0 {
		bySpeed = time.Duration(float64(remaining) / speed * float64(time.Second))
	}
	return max(byQuota, bySpeed)
}

// short returns a duration in at most two units.
func short(d time.Duration) string {
	switch {
	case d >= time.Hour:
		d = d.Round(time.Minute)
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		d = d.Round(time.Second)
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%ds", d.Round(time.Second)/time.Second)
}
