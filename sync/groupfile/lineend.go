package groupfile

import (
	"bufio"
	"io"
	"strings"
)

// lineFeedReader replaces all line ends with line feeds. Old Mac programs ended lines with a carriage return alone.
type lineFeedReader struct {
	io.Reader
	afterCR bool
}

func (r *lineFeedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	kept := p[:0]
	for _, c := range p[:n] {
		switch {
		case c == '\n' && r.afterCR:
		case c == '\r':
			kept = append(kept, '\n')
		default:
			kept = append(kept, c)
		}
		r.afterCR = c == '\r'
	}
	return len(kept), err
}

// peekUntil returns the shortest beginning of the input for which enough returns true, at most as much as the reader's
// buffer holds. It does not advance the reader.
func peekUntil(in *bufio.Reader, enough func(begin []byte) bool) []byte {
	for n := 1; ; n = in.Buffered() + 1 {
		_, err := in.Peek(n)
		seen, _ := in.Peek(in.Buffered())
		if err != nil || enough(seen) {
			return seen
		}
	}
}

// peekFirstLine returns the beginning of the input up to the end of the first line that has more than delimiters, at most
// as much as the reader's buffer holds. It does not advance the reader.
func peekFirstLine(in *bufio.Reader) []byte {
	seen := peekUntil(in, func(begin []byte) bool { return firstLineEnd(begin, false) >= 0 })
	if end := firstLineEnd(seen, true); end >= 0 {
		return seen[:end]
	}
	return seen
}

// firstLineEnd returns the length of s up to the end of the first line that has more than delimiters, including its line
// end. It returns -1 if the line does not end, or if its last byte is a carriage return and ended is false, because a
// line feed may follow.
func firstLineEnd(s []byte, ended bool) int {
	quotes, text := 0, false
	for i, c := range s {
		switch {
		case c == '"':
			quotes++
			text = true
		case quotes%2 == 1:
		case c == '\n' && text:
			return i + 1
		case c == '\r' && text:
			if i+1 == len(s) && !ended {
				return -1
			}
			if i+1 < len(s) && s[i+1] == '\n' {
				return i + 2
			}
			return i + 1
		case !strings.ContainsRune(Delimiters+" \r\n", rune(c)):
			text = true
		}
	}
	return -1
}
