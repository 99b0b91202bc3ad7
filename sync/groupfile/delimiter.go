package groupfile

import (
	"bytes"
	"fmt"
	"strings"

	"groupsync/internal/quote"
)

// Delimiters are the characters that can separate cells.
const Delimiters = ",;\t|"

// delimiterNames are other ways to write them.
var delimiterNames = map[string]byte{"tab": '\t', `\t`: '\t', "comma": ',', "semicolon": ';', "pipe": '|'}

// parseDelimiter returns the delimiter that an option names.
func parseDelimiter(s string) (byte, error) {
	if d, ok := delimiterNames[strings.ToLower(s)]; ok {
		return d, nil
	}
	if len(s) == 1 && strings.Contains(Delimiters, s) {
		return s[0], nil
	}
	return 0, &OptionError{Option: "Delimiter", Reason: fmt.Sprintf("%s does not separate cells: the delimiters are , ; | and tab", quote.Text(s))}
}

// separatorLine parses Excel's first line "sep=;", which is not part of the table. It returns the delimiter and
// the length of the line, which is 0 if the text does not begin with one.
func separatorLine(head []byte) (d byte, n int) {
	line, rest, found := bytes.Cut(head, []byte{'\n'})
	line = bytes.Trim(line, "\" \r\n") // but no tab: it may be the delimiter
	if len(line) != 5 || !strings.EqualFold(string(line[:4]), "sep=") || !strings.Contains(Delimiters, string(line[4])) {
		return 0, 0
	}
	if !found {
		return line[4], len(head)
	}
	return line[4], len(head) - len(rest)
}

// delimiterSign returns a delimiter as it can be written in an option.
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
