// Package quota decides when the next request may leave.
//
// Every request of a run passes through one [Gate]. The gate keeps the store's quota, so that no window of time holds
// more requests than the [Rate] allows. It holds all requests back during the pause that a 429 asks for. And it notices
// when the store is down, and then lets one request at a time leave until the store responds again.
//
// Where to look: budget.go keeps the quota, outage.go decides when an outage begins and ends, and gate.go makes requests
// wait.
//
// The package knows nothing about HTTP: its caller reports the result of each request.
package quota
