package groupfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"groupsync/sync/internal/quote"
)

// maxCell is the length of the longest cell that is sent, in bytes.
const maxCell = 64 << 10

// lostDigits matches a long number that a spreadsheet shortened. It always has a sign and at least two digits after
// the E, which distinguishes it from an id such as 12E4.
var lostDigits = regexp.MustCompile(`^[+-]?[0-9](?:[.,][0-9]+)?[eE][+-][0-9]{2,}$`)

// errorValues are the errors that a cell shows if its formula has no value, in the languages of Excel and in
// LibreOffice.
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

var libreOfficeError = regexp.MustCompile(`^Err[ \x{a0}]?:[0-9]{3}$`) // French has a space

// spreadsheetFault returns what a spreadsheet did to a cell, or "".
func spreadsheetFault(s string) string {
	if len(s) > maxCell {
		return fmt.Sprintf("it is longer than %d bytes", maxCell)
	}
	value := strings.TrimSpace(s)
	switch {
	case value == "" || !strings.ContainsAny(value[:1], "#E"):
		return ""
	case slices.Contains(errorValues, value), libreOfficeError.MatchString(value):
		return fmt.Sprintf("it contains %s, a spreadsheet error: fix the formula there", value)
	case strings.Trim(value, "#") == "" && len(value) > 2:
		return fmt.Sprintf("it contains %s, which a spreadsheet shows if the column is too narrow: make the column wider, and export again", quote.Text(value))
	}
	return ""
}
