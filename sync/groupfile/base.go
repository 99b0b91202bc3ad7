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

// Base is what a workbook that [WriteWorkbook] wrote remembers of its groups: the values as they were pulled,
// whatever was edited since.
type Base struct {
	Origin
	// Groups returns the groups. An error ends it.
	Groups iter.Seq2[ecwid.CustomerGroup, error]
}

// BaseError reports a workbook whose pulled values were damaged or edited.
type BaseError struct {
	Input  string
	Reason string
}

func (e *BaseError) Error() string {
	return fmt.Sprintf("%s: its hidden sheet %q, which holds the values as they were pulled, was damaged or edited: %s", e.Input, baseSheet, e.Reason)
}

// The hidden sheet of a base. Its first row is the format, the store id, the time and a checksum. Each further
// row is one group: its id, and its values as quoted ASCII, so that no program that saves the workbook changes
// them. Excel allows 32,767 characters in a cell: a longer text continues in the next cell of the row.
const (
	baseSheet    = "groupsync base"
	baseFormat   = "groupsync base 1"
	baseCellSize = 32000
)

// baseTable returns the hidden sheet.
func baseTable(o Origin, groups []ecwid.CustomerGroup) xlsx.Table {
	origin := []string{baseFormat, o.StoreID, o.Pulled.UTC().Format(time.RFC3339)}
	sum := newBaseSum(origin)
	for _, g := range groups {
		sum.add(baseText(g))
	}
	return xlsx.Table{
		Name: baseSheet, Hidden: true,
		Header: append(origin, sum.String()),
		Rows: func(yield func([]string) bool) {
			for _, g := range groups {
				var cells []string
				for cell := range slices.Chunk([]byte(baseText(g)), baseCellSize) {
					cells = append(cells, string(cell))
				}
				if !yield(cells) {
					return
				}
			}
		},
	}
}

// baseText returns the text of a group's row.
func baseText(g ecwid.CustomerGroup) string {
	return fmt.Sprintf("%d,%s,%s", g.ID, strconv.QuoteToASCII(g.Name), strconv.QuoteToASCII(g.ExternalReferenceID))
}

// parseBaseText is the inverse of [baseText].
func parseBaseText(s string) (g ecwid.CustomerGroup, ok bool) {
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

// baseSum is the checksum of a base.
type baseSum struct{ hash hash.Hash }

func newBaseSum(origin []string) baseSum {
	s := baseSum{sha256.New()}
	for _, cell := range origin {
		s.add(cell)
	}
	return s
}

func (s baseSum) add(row string) { io.WriteString(s.hash, row+"\n") }

func (s baseSum) String() string { return hex.EncodeToString(s.hash.Sum(nil)) }

// Base returns the base of a workbook, or nil if the input has none. It reads the whole base first: a
// [*BaseError] says that it was damaged or edited.
func (in *Input) Base(ctx context.Context) (*Base, error) {
	origin, err := in.readBase(ctx, func(ecwid.CustomerGroup) bool { return true })
	if origin == nil || err != nil {
		return nil, err
	}
	return &Base{*origin, func(yield func(ecwid.CustomerGroup, error) bool) {
		_, err := in.readBase(ctx, func(g ecwid.CustomerGroup) bool { return yield(g, nil) })
		if err != nil {
			yield(ecwid.CustomerGroup{}, err)
		}
	}}, nil
}

// readBase calls each for the groups of the base, until it returns false. Only after the last group it is known
// that the checksum is right. The origin is nil if there is no base.
func (in *Input) readBase(ctx context.Context, each func(ecwid.CustomerGroup) bool) (origin *Origin, err error) {
	if in.reader.workbook == nil {
		return nil, nil
	}
	sheet, err := xlsx.Open(ctx, in.reader.workbook, in.reader.workbook.Size(), baseSheet)
	if _, none := errors.AsType[*xlsx.NoSheetError](err); none {
		return nil, nil
	}
	if err != nil {
		return nil, in.baseError(err)
	}
	defer func() { err = errors.Join(err, sheet.Close()) }()
	edited := func(row int) error {
		return &BaseError{in.options.Name, fmt.Sprintf("row %d is not as it was written", row)}
	}
	if _, err := sheet.Next(); err != nil && err != io.EOF {
		return nil, in.baseError(err)
	}
	head := slices.Clone(sheet.Cells())
	if len(head) != 4 || head[0] != baseFormat {
		return nil, edited(1)
	}
	pulled, err := time.Parse(time.RFC3339, head[2])
	if err != nil {
		return nil, edited(1)
	}
	sum := newBaseSum(head[:3])
	for {
		_, err := sheet.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, in.baseError(err)
		}
		text := strings.Join(sheet.Cells(), "")
		sum.add(text)
		g, ok := parseBaseText(text)
		if !ok {
			return nil, edited(sheet.Line() - 1)
		}
		if !each(g) {
			return &Origin{head[1], pulled}, nil
		}
	}
	if sum.String() != head[3] {
		return nil, &BaseError{in.options.Name, "its checksum is wrong"}
	}
	return &Origin{head[1], pulled}, nil
}

func (in *Input) baseError(err error) error {
	if changed := in.watch.err(); changed != nil {
		return changed
	}
	return fmt.Errorf("%s: its hidden sheet %q: %w", in.options.Name, baseSheet, err)
}
