package groupfile

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"groupsync/sync/quote"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// decodedText is the content of a CSV file, decoded to UTF-8.
type decodedText struct {
	io.Reader
	// encoding is the WHATWG name of the file's encoding; bom reports whether it comes from a byte order mark.
	encoding string
	bom      bool
	// converted reports whether the file has an encoding other than UTF-8. Bytes that are not valid in it become U+FFFD.
	converted bool
}

// decode returns the text of a CSV file. It detects the encoding by a byte order mark, else by the given name, else by the
// zero bytes in the first characters of UTF-16. Any other file is UTF-8.
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
			return t, err // a decoder of UTF-8 would hide invalid bytes
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
	t.Reader, t.converted = e.NewDecoder().Reader(in), true
	return t, nil
}

// encodingByName returns the encoding that has this name or alias in the WHATWG's list, and its main name.
func encodingByName(name string) (e encoding.Encoding, mainName string, err error) {
	if e, err = htmlindex.Get(name); err != nil {
		return nil, "", &OptionError{Option: "Encoding", Reason: fmt.Sprintf("%s is not the name of an encoding, such as windows-1252, utf-16le or shift_jis", quote.Text(name))}
	}
	if mainName, err = htmlindex.Name(e); err != nil {
		return nil, "", err
	}
	if mainName == "replacement" { // the WHATWG name of encodings that browsers refuse
		return nil, "", &OptionError{Option: "Encoding", Reason: fmt.Sprintf("the encoding %s cannot be read: export the file as CSV UTF-8", quote.Text(name))}
	}
	return e, mainName, nil
}

// encodingError returns an error if the bytes of a cell are not valid in the file's encoding, or nil. The caller sets its
// Column.
func (t decodedText) encodingError(cell string) *EncodingError {
	switch {
	case t.converted && t.bom && strings.ContainsRune(cell, utf8.RuneError):
		return &EncodingError{BOM: true, Reason: fmt.Sprintf("%s is not valid %s, the encoding in the file's byte order mark: the file is damaged, export it again", quote.Text(cell), t.encoding)}
	case t.converted && strings.ContainsRune(cell, utf8.RuneError):
		return &EncodingError{Reason: fmt.Sprintf("%s is not valid %s", quote.Text(cell), t.encoding)}
	case t.converted || utf8.ValidString(cell):
		return nil
	}
	e := &EncodingError{Reason: invalidBytes(cell) + " not UTF-8"}
	for i, g := range guessEncodings(cell) {
		e.Guesses = append(e.Guesses, g.name)
		if i == 0 {
			e.Reason += fmt.Sprintf("; in %s the cell is %s", g.name, quote.Text(g.text))
		} else {
			e.Reason += fmt.Sprintf(", in %s it is %s", g.name, quote.Text(g.text))
		}
	}
	return e
}

// invalidBytes returns a subject and a verb for the first bytes of a value that are not UTF-8, such as "the byte FC is".
func invalidBytes(s string) string {
	const limit = 8
	var bad []byte
	for i, r := range s {
		if _, size := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 {
			bad = append(bad, s[i])
		} else if len(bad) > 0 {
			break
		}
	}
	if len(bad) == 1 {
		return fmt.Sprintf("the byte %X is", bad)
	}
	return fmt.Sprintf("the bytes % X are", bad[:min(len(bad), limit)])
}
