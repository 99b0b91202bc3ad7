package xlsx

import (
	"fmt"

	"groupsync/sync/quote"
)

// NoSheetError reports a workbook without a sheet of this name or number.
type NoSheetError struct {
	Name   string
	Sheets []string
}

func (e *NoSheetError) Error() string {
	if len(e.Sheets) == 1 {
		return fmt.Sprintf("there is no sheet %s: the only sheet is %s", quote.Text(e.Name), quote.Text(e.Sheets[0]))
	}
	return fmt.Sprintf("there is no sheet %s: the sheets are %s", quote.Text(e.Name), quote.List(e.Sheets))
}

// SpoolError reports that the shared strings of a workbook could not be stored in a temporary file.
type SpoolError struct{ Err error }

func (e *SpoolError) Error() string {
	return fmt.Sprintf("the text of the spreadsheet cannot be stored in a temporary file: %v", e.Err)
}

func (e *SpoolError) Unwrap() error { return e.Err }

// damaged returns the error of a damaged workbook.
func damaged(err error) error {
	return fmt.Errorf("the spreadsheet is damaged or incomplete (%w): copy it again, or save it again", err)
}
