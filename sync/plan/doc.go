// Package plan decides what a run does with each row of a file, given the values of the store's groups.
//
// [Diff] makes all comparisons. A plan prints its result, a limit on changes counts it, and a run sends it.
// [Store] is what is known of the store, and [Simulation] applies rows to a copy of it in the order of the file.
// [LookAhead] simulates the whole file, so that an external id can move from one group to another.
// [Compute] makes the plan with its totals and digest.
//
// Where to look: diff.go compares one row, store.go and base.go hold what it is compared with, simulation.go and
// lookahead.go follow the rows through the file, plan.go makes the plan, notes.go its warnings, limit.go the limits on
// changes, and key.go finds groups by another column than groupId.
//
// The package sends no requests and opens no files.
package plan
