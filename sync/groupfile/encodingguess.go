package groupfile

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// encodingGuess is a value, decoded in an encoding.
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
