// Package plan decides what a run does with each row of a file, given the values of the store's groups.
//
// [Diff] makes all comparisons. A plan prints its result, a limit on changes counts it, and a run sends it.
// [Store] is what is known of the store, and [Simulation] applies rows to a copy of it in the order of the file.
// [LookAhead] simulates the whole file, so that an external id can move from one group to another.
// [Compute] makes the plan with its totals and digest.
//
// The package sends no requests and opens no files.
package plan
