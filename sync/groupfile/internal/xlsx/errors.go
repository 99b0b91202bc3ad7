package xlsx

import (
	"fmt"

	"groupsync/internal/quote"
)

// NoSheetError reports a workbook without the sheet that was asked for.
type NoSheetError struct {
	Name   string
	Sheets []string
}

func (e *NoSheetError) Error() string {
	return fmt.Sprintf("there is no sheet %s: the sheets are %s", quote.Text(e.Name), quote.List(e.Sheets))
}
