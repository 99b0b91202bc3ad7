package groupfile

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"groupsync/internal/quote"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// decodedText is a CSV file as UTF-8.
type decodedText struct {
	io.Reader
	// encoding is the WHATWG's name of the file's encoding; bom reports whether a byte order mark says it.
	encoding string
	bom      bool
	// translated: the file is in another encoding than UTF-8, and bytes that are not valid in it are U+FFFD.
	translated bool
}

// decode finds the encoding of a text. A byte order mark decides, then the name that is given, then the zero
// bytes in the first characters of UTF-16; any other text is UTF-8.
func decode(in *bufio.Reader, name string) (decodedText, error) {
	const utf8Name = "utf-8"
	start, _ := in.Peek(4)
	has := func(mark string) bool { return strings.HasPrefix(string(start), mark) }
	var e encoding.Encoding
	t := decodedText{Reader: in, encoding: utf8Name, bom: true}
	switch {
	case has("\ufeff"):
		_, err := in.Discard(3)
		return t, err
	case has("\xff\xfe\x00\x00"), has("\x00\x00\xfe\xff"):
		e = utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
		t.encoding = "utf-32"
	case has("\xff\xfe"):
		e = utf.UTF16(utf.LittleEndian, utf.UseBOM)
		t.encoding = "utf-16le"
	case has("\xfe\xff"):
		e = utf.UTF16(utf.BigEndian, utf.UseBOM)
		t.encoding = "utf-16be"
	default:
		t.bom = false
	}
	switch {
	case e != nil:
	case name != "":
		var err error
		if e, t.encoding, err = encodingByName(name); err != nil || t.encoding == utf8Name {
			return t, err // UTF-8 is not translated, which would hide invalid bytes
		}
	case len(start) == 4 && start[0] != 0 && start[1] == 0 && start[2] != 0 && start[3] == 0:
		e = utf.UTF16(utf.LittleEndian, utf.IgnoreBOM)
		t.encoding = "utf-16le"
	case len(start) == 4 && start[0] == 0 && start[1] != 0 && start[2] == 0 && start[3] != 0:
		e = utf.UTF16(utf.BigEndian, utf.IgnoreBOM)
		t.encoding = "utf-16be"
	default:
		return t, nil
	}
	t.Reader, t.translated = e.NewDecoder().Reader(in), true
	return t, nil
}

// encodingByName returns the encoding with one of the WHATWG's names, and its main name.
func encodingByName(name string) (e encoding.Encoding, mainName string, err error) {
	if e, err = htmlindex.Get(name); err != nil {
		return nil, "", &OptionError{Option: "Encoding", Reason: fmt.Sprintf("%s is not the name of an encoding, such as windows-1252, utf-16le or shift_jis", quote.Text(name))}
	}
	if mainName, err = htmlindex.Name(e); err != nil {
		return nil, "", err
	}
	if mainName == "replacement" { // the WHATWG's name of encodings that browsers refuse
		return nil, "", &OptionError{Option: "Encoding", Reason: fmt.Sprintf("the encoding %s cannot be read: export the file as CSV UTF-8", quote.Text(name))}
	}
	return e, mainName, nil
}

// unreadable returns why a cell cannot be read as text, and the encodings in which it could be; nil if it can.
func (t decodedText) unreadable(cell string) *EncodingError {
	switch {
	case t.translated && t.bom && strings.ContainsRune(cell, utf8.RuneError):
		return &EncodingError{Marked: true, Reason: fmt.Sprintf("%s is not valid %s, which the file's byte order mark says it is: the file is damaged, export it again", quote.Text(cell), t.encoding)}
	case t.translated && strings.ContainsRune(cell, utf8.RuneError):
		return &EncodingError{Reason: fmt.Sprintf("%s is not valid %s", quote.Text(cell), t.encoding)}
	case t.translated || utf8.ValidString(cell):
		return nil
	}
	e := &EncodingError{Reason: fmt.Sprintf("the bytes %s are not UTF-8", invalidBytes(cell))}
	for i, g := range guesses(cell) {
		e.Guesses = append(e.Guesses, g.name)
		if i == 0 {
			e.Reason += fmt.Sprintf("; in %s the cell is %s", g.name, quote.Text(g.text))
		} else {
			e.Reason += fmt.Sprintf(", in %s %s", g.name, quote.Text(g.text))
		}
	}
	return e
}

// invalidBytes returns the first bytes of a text that are not UTF-8, in hexadecimal.
func invalidBytes(s string) string {
	const most = 8
	var bad []byte
	for i, r := range s {
		if _, size := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 {
			bad = append(bad, s[i])
		} else if len(bad) > 0 {
			break
		}
	}
	return fmt.Sprintf("% X", bad[:min(len(bad), most)])
}

// guess is a text as it reads in an encoding.
type guess struct{ name, text string }

// alphabets are common encodings and the letters by which text shows that it is in one of them.
var alphabets = []struct {
	name    string
	letters []*unicode.RangeTable
	more    string // further letters and signs; all of them if letters is nil
}{
	{"windows-1252", nil, "äöüÄÖÜßàâæçéèêëîïôœùûÿÀÂÆÇÉÈÊËÎÏÔŒÙÛáíóúñÁÍÓÚÑãõÃÕåøÅØìòÌÒ€£§°²³´µ·¿¡«»‘’“”„…–—•™®©"},
	{"windows-1250", nil, "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽäöüÄÖÜßőűŐŰăâîșțşţĂÂÎŞŢđĐ€§°„“”’–—…"},
	{"windows-1251", []*unicode.RangeTable{unicode.Cyrillic}, "«»№–—…“”„€§°"},
	{"shift_jis", []*unicode.RangeTable{unicode.Hiragana, unicode.Katakana, unicode.Han}, "、。「」・ー　！？（）"},
	{"gb18030", []*unicode.RangeTable{unicode.Han}, "，。、（）！？“”"},
	{"euc-kr", []*unicode.RangeTable{unicode.Hangul}, ""},
}

// guesses returns the encodings in which a text looks like something a person wrote, the likeliest first.
func guesses(s string) []guess {
	const most = 2
	var all []guess
	for _, a := range alphabets {
		e, err := htmlindex.Get(a.name)
		if err != nil {
			continue
		}
		read, err := e.NewDecoder().String(s)
		if err == nil && looksWritten(read, a.letters, a.more) && !slices.ContainsFunc(all, func(g guess) bool { return g.text == read }) {
			all = append(all, guess{a.name, read})
		}
	}
	return all[:min(len(all), most)]
}

// looksWritten reports whether the letters beyond ASCII in a text belong to an alphabet. Letters of an alphabet
// that extends the Latin one are a minority; letters of any other one are never next to Latin letters.
func looksWritten(s string, letters []*unicode.RangeTable, more string) bool {
	ascii, others := 0, 0
	before := rune(0)
	for _, r := range s {
		latin := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		switch {
		case r < utf8.RuneSelf:
			if latin {
				ascii++
			}
			if letters != nil && latin && unicode.In(before, letters...) {
				return false
			}
		case letters != nil && unicode.In(r, letters...):
			others++
			if 'a' <= before && before <= 'z' || 'A' <= before && before <= 'Z' {
				return false
			}
		case strings.ContainsRune(more, r), r == '\u00a0':
			others++
		default:
			return false
		}
		before = r
	}
	return letters != nil || others <= ascii+1
}

// lineFeeds replaces the line ends of a text by line feeds: old Macs wrote carriage returns alone.
type lineFeeds struct {
	io.Reader
	afterCR bool
}

func (o *lineFeeds) Read(p []byte) (int, error) {
	n, err := o.Reader.Read(p)
	kept := p[:0]
	for _, c := range p[:n] {
		switch {
		case c == '\n' && o.afterCR:
		case c == '\r':
			kept = append(kept, '\n')
		default:
			kept = append(kept, c)
		}
		o.afterCR = c == '\r'
	}
	return len(kept), err
}

// peekUntil returns the beginning of a text, as much as is enough, or all of it up to the reader's buffer size.
// It remains in the reader.
func peekUntil(in *bufio.Reader, enough func(begin []byte) bool) []byte {
	for n := 1; ; n = in.Buffered() + 1 {
		_, err := in.Peek(n)
		seen, _ := in.Peek(in.Buffered())
		if err != nil || enough(seen) {
			return seen
		}
	}
}

// peekFirstLine returns the beginning of a text up to the end of the first line that holds more than delimiters,
// or up to the reader's buffer size. It remains in the reader.
func peekFirstLine(in *bufio.Reader) []byte {
	seen := peekUntil(in, func(begin []byte) bool { return firstLineEnd(begin, false) >= 0 })
	if end := firstLineEnd(seen, true); end >= 0 {
		return seen[:end]
	}
	return seen
}

// firstLineEnd returns where the first line that holds more than delimiters ends, its line end included. It
// returns -1 if the line does not end, or if a carriage return is the last byte and ended is false: a line feed
// may follow.
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
