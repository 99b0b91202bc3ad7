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

func newCheckReport(input string, check groupfile.Check) checkReport {
	delimiter := ""
	if check.Format.Delimiter != 0 {
		delimiter = string(check.Format.Delimiter)
	}
	return checkReport{
		Format: jsonFormat, Input: input, Good: check.Good(),
		Encoding: check.Format.Encoding, ByteOrderMark: check.Format.BOM, Delimiter: delimiter,
		HeaderLine:     check.HeaderLine,
		Columns:        append([]groupfile.Column{}, check.Columns...),
		Rows:           checkRows{check.Sendable, check.Invalid, check.Blank, check.Conflicting, check.Transferred, check.Untidy},
		Totals:         checkTotals{check.RepeatedGroups, check.ConflictingIDs, check.Misdecoded},
		Invalid:        append([]groupfile.Fault{}, check.Faults...),
		Untidy:         append([]groupfile.Fault{}, check.UntidyCells...),
		Misdecoded:     append([]groupfile.Fault{}, check.MisdecodedCells...),
		Conflicts:      append([]groupfile.Repeated{}, check.Conflicts...),
		RepeatedGroups: append([]groupfile.Repeated{}, check.Repeated...),
	}
}
