package csvrecord

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gocarina/gocsv"
)

// Decoder decodes records with gocsv, one at a time and without gocsv's global state.
type Decoder[T any] struct {
	feed feed
	rows *gocsv.Unmarshaller
}

// NewDecoder returns a decoder for records with this header, whose names are those in the csv tags of T.
func NewDecoder[T any](header []string, delimiter byte) (*Decoder[T], error) {
	d := &Decoder[T]{feed: feed{[]byte(strings.Join(header, string(delimiter)) + "\n")}}
	rows := csv.NewReader(&d.feed)
	rows.Comma = rune(delimiter)
	rows.FieldsPerRecord = -1
	rows.LazyQuotes = true // the Reader has already checked the quotes
	var err error
	if d.rows, err = gocsv.NewUnmarshaller(rows, new(T)); err != nil {
		return nil, fmt.Errorf("preparing to read rows: %w", err)
	}
	rows.ReuseRecord = true // only after the header, which gocsv keeps
	return d, nil
}

// Decode decodes the bytes of one record.
func (d *Decoder[T]) Decode(data []byte) (T, error) {
	d.feed.data = data
	v, err := d.rows.Read()
	if err != nil {
		var zero T
		return zero, err
	}
	return *v.(*T), nil
}

// feed gives a csv.Reader one record at a time.
type feed struct{ data []byte }

func (f *feed) Read(p []byte) (int, error) {
	if len(f.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.data)
	f.data = f.data[n:]
	return n, nil
}

// Split returns the cells of the first record in head.
func Split(head []byte, delimiter byte) ([]string, error) {
	r := csv.NewReader(bytes.NewReader(head))
	r.Comma = rune(delimiter)
	r.LazyQuotes = true // as in NewDecoder
	cells, err := r.Read()
	if errors.Is(err, csv.ErrFieldCount) {
		err = nil
	}
	return cells, err
}
