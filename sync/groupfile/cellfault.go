package groupfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"groupsync/sync/internal/quote"
)

// maxCell is the longest cell that is sent, in bytes.
const maxCell = 64 << 10

// lostDigits is a long number as spreadsheets shorten it: always with a sign and at least two digits behind
// the E, which tells it from an id such as 12E4.
var lostDigits = regexp.MustCompile(`^[+-]?[0-9](?:[.,][0-9]+)?[eE][+-][0-9]{2,}$`)

// errorValues are what a cell shows whose formula has no value: in Excel's languages, and in LibreOffice.
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

var libreOfficeError = regexp.MustCompile(`^Err[ \x{a0}]?:[0-9]{3}$`) // French has a blank

// spreadsheetFault says what a spreadsheet has done to a cell, or "".
func spreadsheetFault(s string) string {
	if len(s) > maxCell {
		return fmt.Sprintf("it is longer than %d bytes", maxCell)
	}
	value := strings.TrimSpace(s)
	switch {
	case value == "" || !strings.ContainsAny(value[:1], "#E"):
		return ""
	case slices.Contains(errorValues, value), libreOfficeError.MatchString(value):
		return fmt.Sprintf("it holds %s, an error of the spreadsheet: mend the formula there", value)
	case strings.Trim(value, "#") == "" && len(value) > 2:
		return fmt.Sprintf("it holds %s, which a spreadsheet shows for what its column is too narrow: make the column wider, and export again", quote.Text(value))
	}
	return ""
}
