package xlsx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// relationship is how one part names another.
type relationship struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

// is reports whether the relationship is of a kind. The prefix of the kind depends on the edition of the standard.
func (r relationship) is(kind string) bool { return strings.HasSuffix(r.Type, "/"+kind) }

// partName returns the key of a part's path: case does not matter (ECMA-376, part 2).
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// relationships returns the parts that a part refers to; "" is the package itself.
func (w *workbook) relationships(of string) ([]relationship, error) {
	dir, base := path.Split(of)
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

// checkSize refuses parts that together unpack to more than the limit.
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

// check reads a part to its end, so that a damaged one is refused before the first row.
func (w *workbook) check(ctx context.Context, name string) error {
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
func (w *workbook) open(ctx context.Context, name string) (*part, error) {
	f := w.parts[name]
	if f == nil {
		return nil, damaged(fmt.Errorf("there is no part %s", name))
	}
	in, err := f.Open()
	if err != nil {
		return nil, damaged(err)
	}
	return newPart(ctx, name, in), nil
}

// unmarshal reads a part into v. It refuses one that is larger than in any real workbook.
func (w *workbook) unmarshal(name string, v any) error {
	const most = 32 << 20
	f := w.parts[name]
	if f == nil {
		return damaged(fmt.Errorf("there is no part %s", name))
	}
	if f.UncompressedSize64 > most {
		return fmt.Errorf("the spreadsheet is too large: its part %s has more than %d bytes; save the sheet as CSV UTF-8", name, most)
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

// damaged returns the error for a workbook that is not as it should be.
func damaged(err error) error {
	return fmt.Errorf("the spreadsheet is damaged or incomplete (%w): copy it again, or save it again", err)
}
