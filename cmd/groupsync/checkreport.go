package main

import "groupsync/sync/groupfile"

// checkReport is the JSON document of check: how a file is understood. .github/JSON.md describes the fields.
type checkReport struct {
	Format         int                  `json:"format"`
	Input          string               `json:"input"`
	Good           bool                 `json:"good"`
	Encoding       string               `json:"encoding"`
	ByteOrderMark  bool                 `json:"byteOrderMark"`
	Delimiter      string               `json:"delimiter"`
	HeaderLine     int                  `json:"headerLine"`
	Columns        []groupfile.Column   `json:"columns"`
	Rows           checkRows            `json:"rows"`
	Totals         checkTotals          `json:"totals"`
	Invalid        []groupfile.Fault    `json:"invalid"`
	Untidy         []groupfile.Fault    `json:"untidy"`
	Misdecoded     []groupfile.Fault    `json:"misdecoded"`
	Conflicts      []groupfile.Repeated `json:"conflicts"`
	RepeatedGroups []groupfile.Repeated `json:"repeatedGroups"`
}

// checkRows are numbers of rows. A row may be counted in several fields.
type checkRows struct {
	Sendable    int `json:"sendable"`
	Invalid     int `json:"invalid"`
	Blank       int `json:"blank"`
	Conflicting int `json:"conflicting"`
	Transferred int `json:"transferred"`
	Untidy      int `json:"untidy"`
}

// checkTotals are numbers of values. The lists of the report have only the first of these values.
type checkTotals struct {
	RepeatedGroups int `json:"repeatedGroups"`
	ConflictingIDs int `json:"conflictingIds"`
	Misdecoded     int `json:"misdecoded"`
}

func newCheckReport(input string, k groupfile.Check) checkReport {
	delimiter := ""
	if k.Format.Delimiter != 0 {
		delimiter = string(k.Format.Delimiter)
	}
	return checkReport{
		Format: jsonFormat, Input: input, Good: k.Good(),
		Encoding: k.Format.Encoding, ByteOrderMark: k.Format.BOM && k.Format.Encoding != "xlsx", Delimiter: delimiter,
		HeaderLine:     k.HeaderLine,
		Columns:        append([]groupfile.Column{}, k.Columns...),
		Rows:           checkRows{k.Sendable, k.Invalid, k.Blank, k.Conflicting, k.Transferred, k.Untidy},
		Totals:         checkTotals{k.RepeatedGroups, k.ConflictingIDs, k.Misdecoded},
		Invalid:        append([]groupfile.Fault{}, k.Faults...),
		Untidy:         append([]groupfile.Fault{}, k.UntidyCells...),
		Misdecoded:     append([]groupfile.Fault{}, k.MisdecodedCells...),
		Conflicts:      append([]groupfile.Repeated{}, k.Conflicts...),
		RepeatedGroups: append([]groupfile.Repeated{}, k.Repeated...),
	}
}
