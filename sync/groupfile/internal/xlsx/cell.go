package xlsx

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"groupsync/sync/quote"
)

// Kind is the kind of the value in a cell.
type Kind int

const (
	Text    Kind = iota // text, or an empty cell
	Whole               // a whole number; the text has its digits
	Padded              // a whole number with leading zeros; the text has them
	Number              // any other number; the text is the stored number
	Date                // a date or time; the text is like 2006-01-02 15:04:05
	Boolean             // TRUE or FALSE
	Error               // an error such as #N/A
	NoValue             // a formula without a value
)

// readCell returns the text and the kind of a cell.
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
			return "", NoValue, nil
		}
		return s.interpret(attribute(start, "t"), attribute(start, "s"), value, inline)
	}
}

// interpret returns the text and the kind of a value, which depend on the type and the style of its cell.
func (s *Sheet) interpret(cellType, style, value, inline string) (string, Kind, error) {
	switch cellType {
	case "s":
		i, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if value == "" {
			return "", Text, nil
		} else if err != nil {
			return "", 0, damaged(fmt.Errorf("%s: row %d refers to the shared string %s", s.part.name, s.row, quote.Text(value)))
		}
		text, err := s.book.strings.at(i)
		return text, Text, err
	case "inlineStr":
		return inline, Text, nil
	case "str":
		return unescape(value), Text, nil
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
	text, kind := number(value, format, s.book.date1904)
	return text, kind, nil
}

// maxWhole is greater than every whole number whose digits are certain. Excel keeps the first 15 digits of a number that
// somebody types, and replaces the others with zeros.
const maxWhole = 1e15

// number returns the text and the kind of a stored number, such as 9367001 or 1.23E+11.
func number(value string, format numberFormat, date1904 bool) (string, Kind) {
	f, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	switch {
	case format.date && err == nil:
		return dateText(f, date1904), Date
	case format.date:
		return value, Date
	case err != nil || f != math.Trunc(f) || math.Abs(f) >= maxWhole:
		return value, Number
	}
	digits := strconv.FormatInt(int64(f), 10)
	if unsigned, negative := strings.CutPrefix(digits, "-"); len(unsigned) < format.zeros {
		padded := strings.Repeat("0", format.zeros-len(unsigned)) + unsigned
		if negative {
			padded = "-" + padded
		}
		return padded, Padded
	}
	return digits, Whole
}

// dateText returns a date, a time, or both. They are stored as days since the end of 1899 or the beginning of 1904.
func dateText(days float64, date1904 bool) string {
	const lastDay = 2958465 // 9999-12-31
	if days < 0 || days > lastDay+1 {
		return strconv.FormatFloat(days, 'f', -1, 64)
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case date1904:
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days >= 1 && days < 60:
		epoch = epoch.AddDate(0, 0, 1) // in Excel, 1900 is a leap year
	}
	day, fraction := math.Modf(days)
	t := epoch.AddDate(0, 0, int(day)).Add(time.Duration(math.Round(fraction*24*60*60)) * time.Second)
	switch {
	case fraction == 0:
		return t.Format(time.DateOnly)
	case day == 0:
		return t.Format(time.TimeOnly)
	}
	return t.Format(time.DateTime)
}

// attribute returns the value of an element's attribute, or "".
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}
