package groupfile

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// encodingGuess is an encoding that a value may have, and the text of the value in it.
type encodingGuess struct{ name, text string }

// alphabets are the common encodings, and the letters of the languages that use them.
var alphabets = []struct {
	name    string
	letters []*unicode.RangeTable
	more    string // further letters and signs
}{
	{"windows-1252", nil, "äöüÄÖÜßàâæçéèêëîïôœùûÿÀÂÆÇÉÈÊËÎÏÔŒÙÛáíóúñÁÍÓÚÑãõÃÕåøÅØìòÌÒ€£§°²³´µ·¿¡«»‘’“”„…–—•™®©"},
	{"windows-1250", nil, "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽäöüÄÖÜßőűŐŰăâîșțşţĂÂÎŞŢđĐ€§°„“”’–—…"},
	{"windows-1251", []*unicode.RangeTable{unicode.Cyrillic}, "«»№–—…“”„€§°"},
	{"shift_jis", []*unicode.RangeTable{unicode.Hiragana, unicode.Katakana, unicode.Han}, "、。「」・ー　！？（）"},
	{"gb18030", []*unicode.RangeTable{unicode.Han}, "，。、（）！？“”"},
	{"euc-kr", []*unicode.RangeTable{unicode.Hangul}, ""},
}

// guessEncodings returns the encodings in which a value looks like one that a person wrote, the most likely first.
func guessEncodings(s string) []encodingGuess {
	const limit = 2
	var all []encodingGuess
	for _, a := range alphabets {
		e, err := htmlindex.Get(a.name)
		if err != nil {
			continue
		}
		read, err := e.NewDecoder().String(s)
		if err == nil && looksPlausible(read, a.letters, a.more) && !slices.ContainsFunc(all, func(g encodingGuess) bool { return g.text == read }) {
			all = append(all, encodingGuess{a.name, read})
		}
	}
	return all[:min(len(all), limit)]
}

// looksPlausible reports whether the letters of a value that are not ASCII belong to an alphabet. Letters of an alphabet
// that extends the Latin one must be a minority. Letters of any other alphabet must not be next to Latin letters.
func looksPlausible(s string, letters []*unicode.RangeTable, more string) bool {
	isLatin := func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
	latin, others := 0, 0
	before := rune(0)
	for _, r := range s {
		switch {
		case isLatin(r):
			latin++
			if letters != nil && unicode.In(before, letters...) {
				return false
			}
		case r < utf8.RuneSelf:
		case letters != nil && unicode.In(r, letters...):
			others++
			if isLatin(before) {
				return false
			}
		case strings.ContainsRune(more, r), r == '\u00a0':
			others++
		default:
			return false
		}
		before = r
	}
	return letters != nil || others <= latin+1
}
