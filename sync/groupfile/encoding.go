package groupfile

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"groupsync/sync/internal/quote"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// text is the bytes of a CSV file as UTF-8.
type text struct {
	io.Reader
	// encoding is the WHATWG's name of what the file is in, bom whether it says so by a byte order mark.
	encoding string
	bom      bool
	// translated: the text was in another encoding, and what could not be read in it is now U+FFFD.
	translated bool
}

// decode finds the encoding of a text: its byte order mark decides, then the name that was given, then the
// zero bytes by which UTF-16 gives itself away; all else is taken for UTF-8.
func decode(in *bufio.Reader, name string) (text, error) {
	const utf8Name = "utf-8"
	start, _ := in.Peek(4)
	has := func(mark string) bool { return strings.HasPrefix(string(start), mark) }
	var e encoding.Encoding
	t := text{Reader: in, encoding: utf8Name, bom: true}
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
	var err error
	switch {
	case e != nil:
	case name != "":
		if e, err = htmlindex.Get(name); err != nil {
			return t, fmt.Errorf("--encoding %s is not the name of an encoding, as windows-1252, utf-16le or shift_jis are", name)
		}
		if t.encoding, err = htmlindex.Name(e); err != nil {
			return t, err
		}
		if t.encoding == "replacement" { // the WHATWG's word for those that browsers refuse
			return t, fmt.Errorf("--encoding %s can't be read: export the file as CSV UTF-8", name)
		}
		if t.encoding == utf8Name {
			return t, nil // whose faults are not to be papered over
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

// unreadable says which bytes of a cell can't be read as text, and how they could be; "" if all can.
func (t text) unreadable(cell string) string {
	switch {
	case t.translated && t.bom && strings.ContainsRune(cell, utf8.RuneError):
		return fmt.Sprintf("%s is not wholly readable as %s, which the file's byte order mark says it is: the file is damaged, export it again", quote.Text(cell), t.encoding)
	case t.translated && strings.ContainsRune(cell, utf8.RuneError):
		return fmt.Sprintf("%s is not wholly readable as %s: give the file's encoding with --encoding", quote.Text(cell), t.encoding)
	case t.translated || utf8.ValidString(cell):
		return ""
	}
	s := fmt.Sprintf("the bytes %s are not UTF-8", badBytes(cell))
	for i, g := range guesses(cell) {
		if i == 0 {
			s += fmt.Sprintf("; --encoding %s reads the cell as %s", g.name, quote.Text(g.text))
		} else {
			s += fmt.Sprintf(", %s as %s", g.name, quote.Text(g.text))
		}
	}
	return s
}

// badBytes are the first bytes of a text that are not UTF-8, in hexadecimal.
func badBytes(s string) string {
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

// guess is an encoding in which a text can be read.
type guess struct{ name, text string }

// alphabets are the common encodings, with the letters by which a text shows that it was written in one.
var alphabets = []struct {
	name    string
	letters []*unicode.RangeTable
	more    string // letters and signs that go with them; nil letters: these alone
}{
	{"windows-1252", nil, "äöüÄÖÜßàâæçéèêëîïôœùûÿÀÂÆÇÉÈÊËÎÏÔŒÙÛáíóúñÁÍÓÚÑãõÃÕåøÅØìòÌÒ€£§°²³´µ·¿¡«»‘’“”„…–—•™®©"},
	{"windows-1250", nil, "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽäöüÄÖÜßőűŐŰăâîșțşţĂÂÎŞŢđĐ€§°„“”’–—…"},
	{"windows-1251", []*unicode.RangeTable{unicode.Cyrillic}, "«»№–—…“”„€§°"},
	{"shift_jis", []*unicode.RangeTable{unicode.Hiragana, unicode.Katakana, unicode.Han}, "、。「」・ー　！？（）"},
	{"gb18030", []*unicode.RangeTable{unicode.Han}, "，。、（）！？“”"},
	{"euc-kr", []*unicode.RangeTable{unicode.Hangul}, ""},
}

// guesses are the encodings in which a text looks like one that somebody wrote, the most likely first.
func guesses(s string) []guess {
	const most = 2
	var all []guess
	for _, a := range alphabets {
		e, err := htmlindex.Get(a.name)
		if err != nil {
			continue
		}
		read, err := e.NewDecoder().String(s)
		if err == nil && written(read, a.letters, a.more) && !slices.ContainsFunc(all, func(g guess) bool { return g.text == read }) {
			all = append(all, guess{a.name, read})
		}
	}
	return all[:min(len(all), most)]
}

// written reports whether a text's letters beyond ASCII are of an alphabet. In one that has the Latin
// letters besides they are the fewer ones; others do not stand beside Latin letters.
func written(s string, letters []*unicode.RangeTable, more string) bool {
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

// oneLineEnd makes the line ends of a text in which they are carriage returns alone, as old Macs wrote them,
// line feeds.
type oneLineEnd struct {
	io.Reader
	after bool // a carriage return
}

func (o *oneLineEnd) Read(p []byte) (int, error) {
	n, err := o.Reader.Read(p)
	kept := p[:0]
	for _, c := range p[:n] {
		switch {
		case c == '\n' && o.after:
		case c == '\r':
			kept = append(kept, '\n')
		default:
			kept = append(kept, c)
		}
		o.after = c == '\r'
	}
	return len(kept), err
}

// head is the beginning of a text, up to the end of the first line that holds more than delimiters, without
// which it goes no further than the reader's buffer. What it takes no more than looks at stays in the reader.
func head(in *bufio.Reader) []byte {
	for n := 1; ; n = in.Buffered() + 1 {
		_, err := in.Peek(n)
		seen, _ := in.Peek(in.Buffered())
		if end := firstEnd(seen, err != nil); end >= 0 {
			return seen[:end]
		}
		if err != nil {
			return seen
		}
	}
}

// firstEnd is where the first line that holds more than delimiters ends, with its line end; -1 if it does not, or if whether
// a carriage return alone ends it can't be told yet.
func firstEnd(s []byte, all bool) int {
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
			if i+1 == len(s) && !all {
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
