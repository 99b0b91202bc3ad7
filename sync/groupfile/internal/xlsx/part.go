package xlsx

import (
	"bufio"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"groupsync/sync/internal/csvrecord"
)

// maxDepth bounds how deep elements are nested. A workbook needs about ten levels; a decoder keeps every
// element that is open in memory.
const maxDepth = 100

// part is one part of a workbook, read as a stream of XML in memory that does not grow with it.
type part struct {
	ctx  context.Context
	name string
	in   io.ReadCloser
	raw  *xml.Decoder
	xml  *xml.Decoder // of the tokens of raw

	read, most int64 // bytes that were, and may be, read
	depth      int   // open elements
}

var (
	errLongText = errors.New("it contains a text that is too long for a cell")
	errTooDeep  = fmt.Errorf("its elements are nested more than %d deep", maxDepth)
)

func newPart(ctx context.Context, name string, in io.ReadCloser) *part {
	p := &part{ctx: ctx, name: name, in: in}
	p.raw = xml.NewDecoder(bufio.NewReaderSize(p, csvrecord.BufferSize))
	p.xml = xml.NewTokenDecoder(p)
	return p
}

func (p *part) Read(b []byte) (int, error) {
	if p.ctx.Err() != nil {
		return 0, context.Cause(p.ctx)
	}
	if p.read >= p.most {
		return 0, errLongText
	}
	n, err := p.in.Read(b)
	p.read += int64(n)
	return n, err
}

func (p *part) Close() error { return p.in.Close() }

// Token returns the next token as it is written, for p.xml. It bounds what a decoder holds in memory: the
// length of a token, and the number of open elements.
func (p *part) Token() (xml.Token, error) {
	p.most = p.read + csvrecord.MaxSize
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
func (p *part) token() (xml.Token, error) {
	t, err := p.xml.Token()
	if err != nil && err != io.EOF && p.ctx.Err() == nil {
		err = damaged(fmt.Errorf("%s: %w", p.name, err))
	}
	return t, err
}

// text returns the text of the element whose start was the last token, without that of elements inside it.
func (p *part) text() (string, error) {
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
func (p *part) skip() error {
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

// richText returns the text of an <si> or <is>: of its <t>, or of its runs <r>, without phonetic text and without
// the white space between elements.
func (p *part) richText() (string, error) {
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
				return unescaped(b.String()), nil
			}
			depth--
		}
	}
}

// unescaped replaces escapes such as _x000D_ by the characters, which XML cannot hold (ECMA-376, ST_Xstring).
func unescaped(s string) string {
	const length = len("_x000D_")
	var b strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 || len(s)-i < length {
			break
		}
		code, err := strconv.ParseUint(s[i+2:i+6], 16, 16)
		if err != nil || s[i+6] != '_' {
			b.WriteString(s[:i+2])
			s = s[i+2:]
			continue
		}
		b.WriteString(s[:i])
		b.WriteRune(rune(code))
		s = s[i+length:]
	}
	b.WriteString(s)
	return b.String()
}
