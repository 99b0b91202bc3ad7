// Package journal keeps the results file of a run: one record per row of the input, in the order of the input.
//
// The results file is the only memory between runs. A row with a record is settled, a row without one is not.
// Records are appended and never altered; kill -9 leaves at most one incomplete record, which the next run cuts off.
//
//	Open ── Replay ──┬─ Append, Flush, Sync … ── Finish ── Close
//	                 └─ Discard (the run was refused)
//
// [Open] locks the results and opens them. [Journal.Replay] compares them with the input and returns the [History]:
// which rows are settled. There are two ways to continue results:
//
//   - Resume continues an interrupted run over the same input. Records and rows are read in lockstep: each record
//     must have the cells of its row.
//   - Retry processes an input that was edited after a finished or interrupted run. Records and rows are matched by
//     their cells, and rows whose records are good are kept. The records of the rows that are sent are appended to a
//     file of their own. Finish merges both into new results, and keeps the old ones under another name.
//
// Where to look: replay.go matches records with rows, and decides where an incomplete last record begins; journal.go
// cuts it off before the first write, and appends records; retry.go, align.go and merge.go are for retries.
//
// The package knows neither HTTP nor the store.
package journal
