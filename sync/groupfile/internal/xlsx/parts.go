package xlsx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// relationship is a reference from one part to another.
type relationship struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

// is reports whether the relationship is of this kind. The prefix of its type depends on the edition of the standard.
func (r relationship) is(kind string) bool { return strings.HasSuffix(r.Type, "/"+kind) }

// partKey returns the key of a path in workbook.parts. Paths that differ only in case are equal (ECMA-376, part 2).
func partKey(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// relationships returns the relationships of a part, or of the archive if part is "".
func (w *workbook) relationships(part string) ([]relationship, error) {
	dir, base := path.Split(part)
	var list struct {
		Relationships []relationship `xml:"Relationship"`
	}
	err := w.unmarshal(dir+"_rels/"+base+".rels", &list)
	for i, r := range list.Relationships {
		if !strings.HasPrefix(r.Target, "/") {
			list.Relationships[i].Target = path.Join(dir, r.Target)
		}
	}
	return list.Relationships, err
}

// checkSize returns an error if the parts together unpack to more than maxUnpacked.
func (w *workbook) checkSize(names ...string) error {
	var total uint64
	for _, name := range names {
		if f := w.parts[name]; f != nil {
			total += min(f.UncompressedSize64, maxUnpacked+1)
		}
	}
	if total > maxUnpacked {
		return fmt.Errorf("the spreadsheet is too large: it unpacks to more than %d MiB; save the sheet as CSV UTF-8", maxUnpacked>>20)
	}
	return nil
}

// verify reads a part to its end, so that Open refuses a damaged one.
func (w *workbook) verify(ctx context.Context, name string) error {
	in, err := w.open(ctx, name)
	if err != nil {
		return err
	}
	for err == nil {
		_, err = in.token()
	}
	if err == io.EOF {
		err = nil
	}
	return errors.Join(err, in.Close())
}

// open opens a part.
func (w *workbook) open(ctx context.Context, name string) (*partReader, error) {
	f := w.parts[name]
	if f == nil {
		return nil, damaged(fmt.Errorf("there is no part %s", name))
	}
	in, err := f.Open()
	if err != nil {
		return nil, damaged(err)
	}
	return newPartReader(ctx, name, in), nil
}

// unmarshal reads a part into v. It returns an error if the part is larger than in any real workbook.
func (w *workbook) unmarshal(name string, v any) error {
	const limit = 32 << 20
	f := w.parts[name]
	if f == nil {
		return damaged(fmt.Errorf("there is no part %s", name))
	}
	if f.UncompressedSize64 > limit {
		return fmt.Errorf("the spreadsheet is too large: its part %s has more than %d bytes; save the sheet as CSV UTF-8", name, limit)
	}
	in, err := w.open(context.Background(), name)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := in.xml.Decode(v); err != nil {
		return damaged(fmt.Errorf("%s: %w", name, err))
	}
	return nil
}
