package xlsx

import (
	"bufio"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"groupsync/sync/internal/csvrecord"
)

// maxDepth is the greatest depth of nested elements. A workbook needs about ten levels. A decoder keeps all open elements
// in memory.
const maxDepth = 100

// partReader reads the XML of one part of a workbook as a stream. Its memory does not grow with the part.
type partReader struct {
	ctx  context.Context
	name string
	in   io.ReadCloser
	raw  *xml.Decoder
	xml  *xml.Decoder // decodes the tokens of raw

	read  int64 // the bytes that were read
	limit int64 // the bytes that may be read
	depth int   // the number of open elements
}

var (
	errLongText = errors.New("it contains a string that is too long for a cell")
	errTooDeep  = fmt.Errorf("its elements are nested more than %d levels deep", maxDepth)
)

func newPartReader(ctx context.Context, name string, in io.ReadCloser) *partReader {
	p := &partReader{ctx: ctx, name: name, in: in}
	p.raw = xml.NewDecoder(bufio.NewReaderSize(p, csvrecord.BufferSize))
	p.xml = xml.NewTokenDecoder(p)
	return p
}

func (p *partReader) Read(b []byte) (int, error) {
	if p.ctx.Err() != nil {
		return 0, context.Cause(p.ctx)
	}
	if p.read >= p.limit {
		return 0, errLongText
	}
	n, err := p.in.Read(b)
	p.read += int64(n)
	return n, err
}

func (p *partReader) Close() error { return p.in.Close() }

// Token returns the next raw token, for p.xml. It limits the memory of the decoders: the length of a token, and the number
// of open elements.
func (p *partReader) Token() (xml.Token, error) {
	p.limit = p.read + csvrecord.MaxSize
	t, err := p.raw.RawToken()
	switch t.(type) {
	case xml.StartElement:
		if p.depth++; p.depth > maxDepth {
			return nil, errTooDeep
		}
	case xml.EndElement:
		p.depth--
	}
	return t, err
}

// token returns the next token, or io.EOF after the end of a well-formed part.
func (p *partReader) token() (xml.Token, error) {
	t, err := p.xml.Token()
	if err != nil && err != io.EOF && p.ctx.Err() == nil {
		err = damaged(fmt.Errorf("%s: %w", p.name, err))
	}
	return t, err
}

// text returns the text of the element whose start was the last token, without the text of nested elements.
func (p *partReader) text() (string, error) {
	var b strings.Builder
	for {
		t, err := p.token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
			if b.Len() > csvrecord.MaxSize {
				return "", damaged(fmt.Errorf("%s: %w", p.name, errLongText))
			}
		case xml.StartElement:
			if err := p.skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return b.String(), nil
		}
	}
}

// skip skips the rest of the element whose start was the last token.
func (p *partReader) skip() error {
	for depth := 1; depth > 0; {
		t, err := p.token()
		if err != nil {
			return err
		}
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// richText returns the text of an element <si> or <is>: of its <t>, or of its runs <r>, without phonetic text and white
// space between elements.
func (p *partReader) richText() (string, error) {
	var b strings.Builder
	for depth := 0; ; {
		t, err := p.token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "t":
				s, err := p.text()
				if err != nil {
					return "", err
				}
				if b.Len()+len(s) > csvrecord.MaxSize {
					return "", damaged(fmt.Errorf("%s: %w", p.name, errLongText))
				}
				b.WriteString(s)
			case "r":
				depth++
			default:
				if err := p.skip(); err != nil {
					return "", err
				}
			}
		case xml.EndElement:
			if depth == 0 {
				return unescape(b.String()), nil
			}
			depth--
		}
	}
}
