package groupfile

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"groupsync/sync/internal/csvrecord"
	"groupsync/sync/quote"
)

// Delimiters are the characters that can separate cells.
const Delimiters = ",;\t|"

// delimiterNames are the names of delimiters that an option accepts.
var delimiterNames = map[string]byte{"tab": '\t', `\t`: '\t', "comma": ',', "semicolon": ';', "pipe": '|'}

// parseDelimiter returns the delimiter that an option names.
func parseDelimiter(s string) (byte, error) {
	if d, ok := delimiterNames[strings.ToLower(s)]; ok {
		return d, nil
	}
	if len(s) == 1 && strings.Contains(Delimiters, s) {
		return s[0], nil
	}
	return 0, &OptionError{Option: "Delimiter", Reason: fmt.Sprintf("%s is not a delimiter: the delimiters are , ; | and tab", quote.Text(s))}
}

// separatorLine parses the line "sep=;" that Excel accepts before the table. It returns the delimiter and the length of
// the line, which is 0 if the file does not begin with such a line.
func separatorLine(head []byte) (d byte, n int) {
	line, rest, found := bytes.Cut(head, []byte{'\n'})
	line = bytes.Trim(line, "\" \r\n") // not tabs: a tab may be the delimiter
	if len(line) != 5 || !strings.EqualFold(string(line[:4]), "sep=") || !strings.Contains(Delimiters, string(line[4])) {
		return 0, 0
	}
	if !found {
		return line[4], len(head)
	}
	return line[4], len(head) - len(rest)
}

// formatDelimiter returns the name of a delimiter that an option accepts.
func formatDelimiter(d byte) string {
	if d == '\t' {
		return "tab"
	}
	return string(d)
}

// DelimiterName returns the name of a delimiter, such as "comma".
func DelimiterName(d byte) string {
	return map[byte]string{',': "comma", ';': "semicolon", '\t': "tab", '|': "vertical bar"}[d]
}

// delimiterSearch finds the delimiter of a file from its first rows: the delimiter with which one of these rows is the
// header. If there are several such delimiters, it chooses the one with the first header.
type delimiterSearch struct {
	options ReaderOptions
	line    int // of the first row
}

// delimiterTrial is the result of reading the first rows with one delimiter.
type delimiterTrial struct {
	delimiter  byte
	headerLine int       // 0: no header was found
	best       candidate // the row most like a header
	firstCells int       // the number of cells in the first row
	maxCells   int       // the greatest number of cells in a row
	complete   bool      // maxHeaderRows rows were read
}

// decided reports whether the beginning of a file is enough to find the delimiter.
func (s delimiterSearch) decided(begin []byte) bool {
	complete := true
	for _, r := range s.try(begin, false) {
		if r.headerLine > 0 {
			return true
		}
		complete = complete && r.complete
	}
	return complete
}

// find returns the delimiter of the file with this beginning.
func (s delimiterSearch) find(begin []byte) (byte, error) {
	var withHeader, withCells []delimiterTrial
	for _, r := range s.try(begin, true) {
		if r.headerLine > 0 {
			withHeader = append(withHeader, r)
		}
		if r.maxCells > 1 {
			withCells = append(withCells, r)
		}
	}
	byHeaderLine := func(a, b delimiterTrial) int { return a.headerLine - b.headerLine }
	byColumns := func(a, b delimiterTrial) int {
		return cmp.Or(b.best.recognized()-a.best.recognized(), min(b.firstCells, 2)-min(a.firstCells, 2))
	}
	possible, order := withCells, byColumns
	if len(withHeader) > 0 {
		possible, order = withHeader, byHeaderLine
	}
	if len(possible) == 0 {
		return ',', nil // one column
	}
	slices.SortStableFunc(possible, order)
	if len(possible) == 1 || order(possible[0], possible[1]) != 0 {
		return possible[0].delimiter, nil
	}
	e := &DelimiterError{}
	for _, r := range possible {
		if order(possible[0], r) == 0 {
			e.Candidates = append(e.Candidates, r.delimiter)
		}
	}
	return 0, e
}

// try reads the beginning of a file with each delimiter. Unless useLast is set, it ignores the last row, which may be
// incomplete.
func (s delimiterSearch) try(begin []byte, useLast bool) []delimiterTrial {
	var all []delimiterTrial
	for _, d := range []byte(Delimiters) {
		r := delimiterTrial{delimiter: d}
		records := csvrecord.NewBytesReader(begin, d, csvrecord.MaxSize)
		records.LineNumber = s.line
		for rows := 0; ; {
			rec, err := records.Next()
			if err != nil || !useLast && (!rec.Complete || rec.Torn) || s.options.HeaderRow > 0 && rec.Line > s.options.HeaderRow {
				break
			}
			if rec.Line < s.options.HeaderRow || isBlankRecord(rec, d) {
				continue
			}
			c := newCandidate(rec, d, s.options)
			r.maxCells = max(r.maxCells, len(c.cells))
			if rows == 0 {
				r.firstCells = len(c.cells)
			}
			if c.score() > r.best.score() {
				r.best = c
			}
			if c.err == nil {
				r.headerLine = rec.Line
				break
			}
			if rows++; rows == maxHeaderRows {
				r.complete = true
				break
			}
		}
		all = append(all, r)
	}
	return all
}
