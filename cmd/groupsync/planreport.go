package main

import (
	"time"

	"groupsync/sync/plan"
	"groupsync/sync/quota"
)

// planReport are the totals of a plan for programs: the same in the summary of a plan and in that of a run that
// made one.
type planReport struct {
	Digest string `json:"digest"`
	Groups int    `json:"groups"`
	// Rows are the rows of the file by the status that a run would give them.
	Rows map[string]int `json:"rows"`
	// Changes is the number of updates that a run would send, Clears of which clear an external id.
	Changes   int     `json:"changes"`
	Clears    int     `json:"clears"`
	WithNotes int     `json:"withNotes"`
	Seconds   float64 `json:"seconds"` // how long the requests of a run take at least
}

func newPlanReport(t plan.Totals, r quota.Rate) *planReport {
	return &planReport{
		Digest: t.Digest, Groups: t.Groups, Rows: byStatus(t.Rows), Changes: t.Puts, Clears: t.Clears, WithNotes: t.Noted,
		Seconds: r.Duration(t.Requests + t.Puts).Round(time.Second).Seconds(),
	}
}
