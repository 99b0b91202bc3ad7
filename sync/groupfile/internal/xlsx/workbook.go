package xlsx

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// maxUnpacked is the greatest unpacked size of the parts that a sheet needs, together, in bytes.
const maxUnpacked = 1 << 30

// workbook is an xlsx file: a zip archive of XML parts (ECMA-376). It reads only the parts that a sheet needs.
type workbook struct {
	parts    map[string]*zip.File // by partKey
	path     string               // of the part that lists the sheets
	related  []relationship       // of that part
	formats  []numberFormat       // by the style of a cell
	strings  *sharedStrings
	date1904 bool // whether dates count from 1904
}

// Open opens the sheet of a workbook that has this name or, counted from 1, this number; "" is the first visible sheet. The
// error is a [*NoSheetError] if there is no such sheet, and a [*SpoolError] if its text cannot be stored.
func Open(ctx context.Context, in io.ReaderAt, size int64, name string) (*Sheet, error) {
	files, err := zip.NewReader(in, size)
	if err != nil {
		return nil, damaged(err)
	}
	w := &workbook{parts: map[string]*zip.File{}}
	for _, f := range files.File {
		w.parts[partKey(f.Name)] = f
	}
	var root []relationship
	if w.parts["_rels/.rels"] != nil {
		if root, err = w.relationships(""); err != nil {
			return nil, err
		}
	}
	if i := slices.IndexFunc(root, func(r relationship) bool { return r.is("officeDocument") }); i >= 0 {
		w.path = partKey(root[i].Target)
	}
	if reason := w.describeOtherArchive(); reason != "" {
		return nil, errors.New(reason)
	}
	if w.related, err = w.relationships(w.path); err != nil {
		return nil, err
	}
	part, err := w.findSheet(name)
	if err != nil {
		return nil, err
	}
	if err := w.readFormats(); err != nil {
		return nil, err
	}
	if err := w.checkSize(part, w.relatedPart("sharedStrings")); err != nil {
		return nil, err
	}
	if err := w.verify(ctx, part); err != nil {
		return nil, err
	}
	if w.strings, err = w.readStrings(ctx); err != nil {
		return nil, err
	}
	cells, err := w.open(ctx, part)
	if err != nil {
		return nil, errors.Join(err, w.strings.close())
	}
	return newSheet(cells, w), nil
}

// relatedPart returns the part of this kind that all sheets share, such as styles. It returns "" if there is none.
func (w *workbook) relatedPart(kind string) string {
	for _, r := range w.related {
		if r.is(kind) {
			return partKey(r.Target)
		}
	}
	return ""
}

// findSheet returns the part of the sheet that has this name or number, see [Open].
func (w *workbook) findSheet(want string) (string, error) {
	var book struct {
		Properties struct {
			Date1904 bool `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string `xml:"name,attr"`
			State string `xml:"state,attr"`
			ID    string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := w.unmarshal(w.path, &book); err != nil {
		return "", err
	}
	w.date1904 = book.Properties.Date1904
	var names, parts []string
	first := -1
	for _, s := range book.Sheets {
		i := slices.IndexFunc(w.related, func(r relationship) bool { return r.ID == s.ID && r.is("worksheet") })
		if i < 0 {
			continue // a chart
		}
		if first < 0 && (s.State == "" || s.State == "visible") {
			first = len(parts)
		}
		names, parts = append(names, s.Name), append(parts, partKey(w.related[i].Target))
	}
	if len(parts) == 0 {
		return "", errors.New("the spreadsheet has no sheet with cells")
	}
	if want == "" {
		return parts[max(first, 0)], nil
	}
	at := slices.Index(names, want)
	if at < 0 {
		at = slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, want) })
	}
	if n, err := strconv.Atoi(want); at < 0 && err == nil && n >= 1 && n <= len(parts) {
		at = n - 1
	}
	if at < 0 {
		return "", &NoSheetError{want, names}
	}
	return parts[at], nil
}

// readFormats reads the number formats of the styles.
func (w *workbook) readFormats() error {
	part := w.relatedPart("styles")
	if part == "" {
		return nil
	}
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			FormatID int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := w.unmarshal(part, &styles); err != nil {
		return err
	}
	codes := map[int]string{}
	for _, f := range styles.Formats {
		codes[f.ID] = f.Code
	}
	for _, c := range styles.Cells {
		w.formats = append(w.formats, newNumberFormat(c.FormatID, codes[c.FormatID]))
	}
	return nil
}

// readStrings reads the shared strings.
func (w *workbook) readStrings(ctx context.Context) (*sharedStrings, error) {
	s := &sharedStrings{}
	part := w.relatedPart("sharedStrings")
	if part == "" {
		return s, nil
	}
	in, err := w.open(ctx, part)
	if err == nil {
		err = errors.Join(s.read(in), in.Close())
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}
