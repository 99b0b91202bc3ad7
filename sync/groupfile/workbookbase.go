package groupfile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"groupsync/ecwid"
	"groupsync/sync/groupfile/internal/xlsx"
)

// Origin says from which store groups were pulled, and when.
type Origin struct {
	StoreID string
	Pulled  time.Time
}

// WorkbookBase is the hidden sheet of a workbook that [WriteWorkbook] wrote. It has the values of the groups at the time
// of the pull, even if the workbook was edited later.
type WorkbookBase struct {
	Origin
	// Groups returns the groups. An error is the last element.
	Groups iter.Seq2[ecwid.CustomerGroup, error]
}

// WorkbookBaseError reports a workbook whose hidden sheet was damaged or edited.
type WorkbookBaseError struct {
	Input  string
	Reason string
}

func (e *WorkbookBaseError) Error() string {
	return fmt.Sprintf("%s: its hidden sheet %q with the pulled values was damaged or edited: %s", e.Input, baseSheet, e.Reason)
}

// The first row of the hidden sheet has the format, the store id, the time of the pull and a checksum. Each later row
// is one group: its id, and its values as quoted ASCII, which programs that save the workbook do not change. Excel
// allows 32,767 characters in a cell, so a longer row continues in its next cell.
const (
	baseSheet    = "groupsync base"
	baseFormat   = "groupsync base 1"
	baseCellSize = 32000
)

// baseTable returns the hidden sheet for these groups.
func baseTable(o Origin, groups []ecwid.CustomerGroup) xlsx.Table {
	origin := []string{baseFormat, o.StoreID, o.Pulled.UTC().Format(time.RFC3339)}
	sum := newBaseChecksum(origin)
	for _, g := range groups {
		sum.add(encodeBaseGroup(g))
	}
	return xlsx.Table{
		Name: baseSheet, Hidden: true,
		Header: append(origin, sum.String()),
		Rows: func(yield func([]string) bool) {
			for _, g := range groups {
				var cells []string
				for cell := range slices.Chunk([]byte(encodeBaseGroup(g)), baseCellSize) {
					cells = append(cells, string(cell))
				}
				if !yield(cells) {
					return
				}
			}
		},
	}
}

// encodeBaseGroup returns the row of a group, as one string.
func encodeBaseGroup(g ecwid.CustomerGroup) string {
	return fmt.Sprintf("%d,%s,%s", g.ID, strconv.QuoteToASCII(g.Name), strconv.QuoteToASCII(g.ExternalReferenceID))
}

// decodeBaseGroup is the inverse of [encodeBaseGroup].
func decodeBaseGroup(s string) (g ecwid.CustomerGroup, ok bool) {
	id, values, _ := strings.Cut(s, ",")
	number, idErr := strconv.ParseInt(id, 10, 32)
	name, nameErr := strconv.QuotedPrefix(values)
	rest, comma := strings.CutPrefix(values[len(name):], ",")
	if idErr != nil || nameErr != nil || !comma {
		return g, false
	}
	g.ID = int32(number)
	g.Name, nameErr = strconv.Unquote(name)
	g.ExternalReferenceID, idErr = strconv.Unquote(rest)
	return g, nameErr == nil && idErr == nil
}

// baseChecksum computes the checksum of the hidden sheet.
type baseChecksum struct{ hash hash.Hash }

func newBaseChecksum(origin []string) baseChecksum {
	s := baseChecksum{sha256.New()}
	for _, cell := range origin {
		s.add(cell)
	}
	return s
}

func (s baseChecksum) add(row string) { io.WriteString(s.hash, row+"\n") }

func (s baseChecksum) String() string { return hex.EncodeToString(s.hash.Sum(nil)) }

// WorkbookBase returns the hidden sheet of the input, or nil if it has none. It reads the whole sheet first, and
// returns a [*WorkbookBaseError] if the sheet was damaged or edited.
func (in *Input) WorkbookBase(ctx context.Context) (*WorkbookBase, error) {
	origin, err := in.readWorkbookBase(ctx, func(ecwid.CustomerGroup) bool { return true })
	if origin == nil || err != nil {
		return nil, err
	}
	return &WorkbookBase{*origin, func(yield func(ecwid.CustomerGroup, error) bool) {
		stopped := false
		_, err := in.readWorkbookBase(ctx, func(g ecwid.CustomerGroup) bool {
			stopped = !yield(g, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(ecwid.CustomerGroup{}, err)
		}
	}}, nil
}

// readWorkbookBase calls each for the groups of the hidden sheet, until each returns false. It can compare the checksum
// only after the last group. The origin is nil if there is no hidden sheet.
func (in *Input) readWorkbookBase(ctx context.Context, each func(ecwid.CustomerGroup) bool) (origin *Origin, err error) {
	if in.reader.workbook == nil {
		return nil, nil
	}
	sheet, err := xlsx.Open(ctx, in.reader.workbook, in.reader.workbook.Size(), baseSheet)
	if _, none := errors.AsType[*xlsx.NoSheetError](err); none {
		return nil, nil
	}
	if err != nil {
		return nil, in.workbookBaseError(err)
	}
	defer func() { err = errors.Join(err, sheet.Close()) }()
	edited := func(row int) error {
		return &WorkbookBaseError{in.options.Name, fmt.Sprintf("row %d was changed", row)}
	}
	if _, err := sheet.Next(); err != nil && err != io.EOF {
		return nil, in.workbookBaseError(err)
	}
	head := slices.Clone(sheet.Cells())
	if len(head) != 4 || head[0] != baseFormat {
		return nil, edited(1)
	}
	pulled, err := time.Parse(time.RFC3339, head[2])
	if err != nil {
		return nil, edited(1)
	}
	sum := newBaseChecksum(head[:3])
	for {
		_, err := sheet.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, in.workbookBaseError(err)
		}
		text := strings.Join(sheet.Cells(), "")
		sum.add(text)
		g, ok := decodeBaseGroup(text)
		if !ok {
			return nil, edited(sheet.Line() - 1)
		}
		if !each(g) {
			return &Origin{head[1], pulled}, nil
		}
	}
	if sum.String() != head[3] {
		return nil, &WorkbookBaseError{in.options.Name, "its checksum is wrong"}
	}
	return &Origin{head[1], pulled}, nil
}

func (in *Input) workbookBaseError(err error) error {
	if changed := in.watch.err(); changed != nil {
		return changed
	}
	return fmt.Errorf("%s: its hidden sheet %q: %w", in.options.Name, baseSheet, err)
}
