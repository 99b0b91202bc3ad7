package groupfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"groupsync/sync/quote"
)

// maxCell is the length of the longest cell that is sent, in bytes.
const maxCell = 64 << 10

// errorValues are what a cell shows if its formula has an error, in the languages of Excel and LibreOffice.
var errorValues = []string{
	"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#GETTING_DATA", "#EXTERNAL!", "#PYTHON!", "#TIMEOUT!", // English
	"#ERROR!",                                          // Google Sheets
	"#BEZUG!", "#NV", "#WERT!", "#ZAHL!", "#ÜBERLAUF!", // German
	"#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!", // French
	"#¡REF!", "#¡VALOR!", "#¿NOMBRE?", "#¡DIV/0!", "#¡NUM!", "#¡NULO!", // Spanish
	"#RIF!", "#VALORE!", "#NOME?", "#N/D", // Italian
	"#VALOR!", "#NÚM!", "#NULO!", // Portuguese
	"#VERW!", "#WAARDE!", "#NAAM?", "#GETAL!", "#DEEL/0!", "#LEEG!", "#N/B", // Dutch
	"#ARG!", "#ADR!", "#NAZWA?", "#DZIEL/0!", "#LICZBA!", "#N/D!", // Polish
	"#ССЫЛКА!", "#ЗНАЧ!", "#ИМЯ?", "#ДЕЛ/0!", "#ЧИСЛО!", "#ПУСТО!", "#Н/Д", // Russian
	"#REFERENS!", "#SAKNAS!", "#VÄRDEFEL!", "#NAMN?", "#DIVISION/0!", "#OGILTIGT!", "#SKÄRNING!", // Swedish
	"#REFERENCE!", "#I/T", "#VÆRDI!", "#NAVN?", "#VERDI!", // Danish, Norwegian
	"#VIITTAUS!", "#PUUTTUU!", "#ARVO!", "#NIMI?", "#JAKO/0!", "#LUKU!", "#TYHJÄ!", // Finnish
	"#ODKAZ!", "#HODNOTA!", "#NÁZEV?", "#DĚLENÍ_NULOU!", "#ČÍSLO!", // Czech
	"#HIV!", "#HIÁNYZIK", "#ÉRTÉK!", "#NÉV?", "#ZÉRÓOSZTÓ!", "#SZÁM!", "#NULLA!", // Hungarian
	"#BAŞV!", "#YOK", "#DEĞER!", "#AD?", "#SAYI/0!", "#SAYI!", "#BOŞ!", // Turkish
}

var libreOfficeError = regexp.MustCompile(`^Err[ \x{a0}]?:[0-9]{3}$`) // with a space in French

// spreadsheetFault returns why a value that is too long, or a spreadsheet error, cannot be sent. It returns "" for any
// other value.
func spreadsheetFault(s string) string {
	if len(s) > maxCell {
		return fmt.Sprintf("it is longer than %d bytes: shorten it", maxCell)
	}
	value := strings.TrimSpace(s)
	switch {
	case value == "" || !strings.ContainsAny(value[:1], "#E"):
		return ""
	case slices.Contains(errorValues, value), libreOfficeError.MatchString(value):
		return fmt.Sprintf("it contains %s, a spreadsheet error: fix the formula in the spreadsheet", value)
	case strings.Trim(value, "#") == "" && len(value) > 2:
		return fmt.Sprintf("it contains %s, which a spreadsheet shows if a column is too narrow: widen the column, and export the file again", quote.Text(value))
	}
	return ""
}

// lostDigits matches a long number in scientific notation, as spreadsheets write it. It has a sign and at least two
// digits after the E, which distinguishes it from an id such as 12E4.
var lostDigits = regexp.MustCompile(`^[+-]?[0-9](?:[.,][0-9]+)?[eE][+-][0-9]{2,}$`)

// lostDigitsFault returns the reason for a value that matches [lostDigits].
func lostDigitsFault(s string) string {
	return quote.Text(s) + " was shortened by a spreadsheet, and digits are lost: copy it again from the original, into a column formatted as text"
}

// textFault returns why a name or an external id cannot be sent, or "".
func textFault(s string) string {
	if fault := spreadsheetFault(s); fault != "" {
		return fault
	}
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return decodedText{}.encodingError(s).Reason
			}
			return "it contains U+FFFD, which replaces a letter that was lost when the file was converted: copy the value again from the original"
		case r == '\n', r == '\r':
			return "it contains a line break: put the text on one line"
		case r == '\t':
			return "it contains a tab: remove it"
		case unicode.IsControl(r):
			return fmt.Sprintf("it contains the control character U+%04X: remove it", r)
		}
	}
	return ""
}
