// Package quota decides when the next request may leave.
//
// A [Gate] stands before every request of a run. It keeps the store's quota, so that no window of time holds more
// requests than the [Rate] allows; it lets no request leave during a pause that a 429 asked for; and it notices
// when the store is down, and then lets one request at a time leave until the store responds again.
//
// Where to look: budget.go keeps the quota, outage.go decides when an outage begins and ends, and gate.go lets requests
// wait.
//
// The package knows no HTTP: its caller reports how each request went.
package quota
