package xlsx

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"

	"groupsync/sync/internal/quote"
)

// cellKind is what a spreadsheet's cell holds, if that is not a text or nothing.
type Kind int

const (
	Text     Kind = iota
	Whole         // a whole number, in digits
	Padded        // a whole number that is shown with zeros in front
	Number        // another number
	Date          // a number that is shown as a date or time
	Boolean       // TRUE or FALSE
	Error         // #N/A and its like
	Unsolved      // a formula, and no value
)

// readCell reads what a cell holds.
func (s *Sheet) readCell(start xml.StartElement) (string, Kind, error) {
	value, inline, hasValue, hasFormula := "", "", false, false
	for {
		t, err := s.part.token()
		if err != nil {
			return "", 0, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				hasValue = true
				value, err = s.part.text()
			case "is":
				inline, err = s.part.richText()
			case "f":
				hasFormula = true
				err = s.part.skip()
			default:
				err = s.part.skip()
			}
			if err != nil {
				return "", 0, err
			}
			continue
		case xml.EndElement:
		default:
			continue
		}
		if hasFormula && !hasValue {
			return "", Unsolved, nil
		}
		return s.understand(attribute(start, "t"), attribute(start, "s"), value, inline)
	}
}

// understand makes a text of a cell's value, by the cell's type and style.
func (s *Sheet) understand(kind, style, value, inline string) (string, Kind, error) {
	switch kind {
	case "s":
		i, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if value == "" {
			return "", Text, nil
		} else if err != nil {
			return "", 0, damaged(fmt.Errorf("%s: row %d has text number %s", s.part.name, s.row, quote.Text(value)))
		}
		text, err := s.book.strings.at(i)
		return text, Text, err
	case "inlineStr":
		return inline, Text, nil
	case "str":
		return unescaped(value), Text, nil
	case "b":
		if value == "1" {
			return "TRUE", Boolean, nil
		}
		return "FALSE", Boolean, nil
	case "e":
		return value, Error, nil
	case "d":
		return value, Date, nil
	}
	if value == "" {
		return "", Text, nil
	}
	var format numberFormat
	if i, err := strconv.Atoi(style); err == nil && 0 <= i && i < len(s.book.formats) {
		format = s.book.formats[i]
	}
	text, kindOfNumber := number(value, format)
	return text, kindOfNumber, nil
}

// maxWhole is above all whole numbers whose digits are sure: Excel keeps 15 of those that are typed, and puts
// zeros for the rest.
const maxWhole = 1e15

// number makes digits of a number as it is stored: 9367001, 1.23E+11.
func number(value string, format numberFormat) (string, Kind) {
	f, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	switch {
	case format.date:
		return value, Date
	case err != nil || f != math.Trunc(f) || math.Abs(f) >= maxWhole:
		return value, Number
	}
	digits := strconv.FormatInt(int64(f), 10)
	if len(strings.TrimPrefix(digits, "-")) < format.zeros {
		return digits, Padded
	}
	return digits, Whole
}

// columnOf gives the column of a cell's reference, from 1: of "AB12" 28. It is 0 if there is none.
func columnOf(ref string) int {
	column := 0
	for _, c := range ref {
		switch {
		case 'A' <= c && c <= 'Z':
			column = column*26 + int(c-'A') + 1
		case '0' <= c && c <= '9':
			return column
		default:
			return 0
		}
		if column > maxColumns {
			return column
		}
	}
	return column
}

// attribute gives the value of an element's attribute, or "".
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}
