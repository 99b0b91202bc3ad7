package groupfile

import (
	"bytes"
	"fmt"
	"strings"

	"groupsync/sync/internal/csvrecord"
	"groupsync/sync/internal/quote"
)

// delimiters are what may separate cells.
const Delimiters = ",;\t|"

// delimiterNames are how people write them where they do not show.
var delimiterNames = map[string]byte{"tab": '\t', `\t`: '\t', "comma": ',', "semicolon": ';', "pipe": '|'}

// parseDelimiter reads a delimiter that was given.
func parseDelimiter(s string) (byte, error) {
	if d, ok := delimiterNames[strings.ToLower(s)]; ok {
		return d, nil
	}
	if len(s) == 1 && strings.Contains(Delimiters, s) {
		return s[0], nil
	}
	return 0, fmt.Errorf("--delimiter %s is none of , ; | and tab", quote.Text(s))
}

// separatorLine reads Excel's first line "sep=;", which is no part of the table. n is its length, 0 if the
// text does not begin with one.
func separatorLine(head []byte) (d byte, n int) {
	line, rest, found := bytes.Cut(head, []byte{'\n'})
	line = bytes.Trim(line, "\" \r\n") // the tab may be what it says
	if len(line) != 5 || !strings.EqualFold(string(line[:4]), "sep=") || !strings.Contains(Delimiters, string(line[4])) {
		return 0, 0
	}
	if !found {
		return line[4], len(head)
	}
	return line[4], len(head) - len(rest)
}

// findDelimiter tells by a header which character separates its cells: the one that makes a header of it that
// can be used, else the only one that is there.
func findDelimiter(head []byte, o ReaderOptions) (byte, error) {
	// Lines of delimiters alone may come before the header, each of which is blank.
	head = bytes.TrimLeft(head, Delimiters+" \r\n")
	var usable, there []byte
	for _, d := range []byte(Delimiters) {
		cells, err := csvrecord.Split(head, d)
		if err != nil || len(cells) < 2 {
			continue
		}
		there = append(there, d)
		if _, err := header(cells, o); err == nil {
			usable = append(usable, d)
		}
	}
	switch {
	case len(usable) == 1:
		return usable[0], nil
	case len(there) == 1:
		return there[0], nil
	case len(there) == 0:
		return ',', nil // one column
	}
	if len(usable) > 1 {
		there = usable
	}
	var names []string
	for _, d := range there {
		names = append(names, delimiterSign(d))
	}
	return 0, fmt.Errorf("it can't be told what separates the cells of the header, %s: say it with --delimiter", strings.Join(names, " or "))
}

// delimiterSign returns a delimiter as a person types it.
func delimiterSign(d byte) string {
	if d == '\t' {
		return "tab"
	}
	return string(d)
}

// DelimiterName returns the name of a delimiter, in the singular.
func DelimiterName(d byte) string {
	return map[byte]string{',': "comma", ';': "semicolon", '\t': "tab", '|': "vertical bar"}[d]
}
