package groupfile

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groupsync/sync/groupfile/internal/xlsx"
	"groupsync/sync/internal/csvrecord"

	"github.com/google/go-cmp/cmp"
)

// cellsOf returns the cells of all records, as the decoder reads them, without empty cells at the end of a row.
func cellsOf(t testing.TB, source recordSource) [][]string {
	t.Helper()
	var all [][]string
	for {
		rec, err := source.Next()
		if err == io.EOF {
			return all
		}
		if err != nil || rec.Broken != "" {
			t.Fatal(err, rec.Broken)
		}
		cells := make([]string, rec.Count)
		for i := range cells {
			d, err := csvrecord.NewDecoder[struct {
				Cell string `csv:"cell"`
			}](append(make([]string, i), "cell"), ',')
			if err != nil {
				t.Fatal(err)
			}
			v, err := d.Decode(rec.Data)
			if err != nil {
				t.Fatal(err)
			}
			cells[i] = v.Cell
		}
		for len(cells) > 0 && cells[len(cells)-1] == "" {
			cells = cells[:len(cells)-1]
		}
		all = append(all, cells)
	}
}

// The CSV files of csv-spectrum have the same cells as their JSON files.
func TestCSVSpectrum(t *testing.T) {
	files, err := filepath.Glob("../../testdata/csv-spectrum/*.csv")
	if err != nil || len(files) != 12 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".csv")
		t.Run(name, func(t *testing.T) {
			in, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(strings.TrimSuffix(file, ".csv") + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if name == "location_coordinates" { // the JSON is not a list, and has another telephone number
				data = []byte("[" + strings.ReplaceAll(string(data), "1234567890", "2095257564") + "]")
			}
			var want []map[string]string
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			rows := cellsOf(t, csvrecord.NewReader(bytes.NewReader(in), ',', csvrecord.MaxSize))
			var got []map[string]string
			for _, cells := range rows[1:] {
				row := map[string]string{}
				for i, column := range rows[0] {
					row[column] = ""
					if i < len(cells) {
						row[column] = cells[i]
					}
				}
				got = append(got, row)
			}
			for _, row := range want { // encoding/csv replaces the line ends in cells
				for column, cell := range row {
					row[column] = strings.ReplaceAll(cell, "\r\n", "\n")
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// LibreOffice's quoted and unquoted CSV files have the same cells as its xlsx file.
func TestLibreOfficeQuoting(t *testing.T) {
	const dir = "../../testdata/spreadsheets/"
	book, err := os.ReadFile(dir + "groups.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := xlsx.Open(t.Context(), bytes.NewReader(book), int64(len(book)), "")
	if err != nil {
		t.Fatal(err)
	}
	defer sheet.Close()
	want := cellsOf(t, sheet)
	if len(want) != 7 {
		t.Errorf("the sheet has %d rows", len(want))
	}
	for _, name := range []string{"groups.utf8.csv", "groups.quoted.csv"} {
		data, err := os.ReadFile(dir + name)
		if err != nil {
			t.Fatal(err)
		}
		var got [][]string
		for _, cells := range cellsOf(t, csvrecord.NewReader(bytes.NewReader(data), ',', csvrecord.MaxSize)) {
			if len(cells) > 0 {
				got = append(got, cells)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-xlsx +csv):\n%s", name, diff)
		}
		plain, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil || len(plain) != len(want)+3 {
			t.Errorf("encoding/csv reads %d rows, %v", len(plain), err)
		}
	}
}

// All rows of groups.csv are good, and mixed.csv has each kind of bad row.
func TestSamples(t *testing.T) {
	sample := func(name string) string {
		b, err := os.ReadFile("../../testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	good := readAll(t, sample("groups.csv"), ReaderOptions{})
	if len(good) != 12 {
		t.Errorf("groups.csv has %d rows", len(good))
	}
	for i, row := range good {
		if row.Err != nil || row.ID != 9367001+int32(i) || row.Update.Name.IsZero() || row.Update.ExternalReferenceID.IsZero() {
			t.Error(summarize(row))
		}
	}
	var got []string
	for _, row := range readAll(t, sample("mixed.csv"), ReaderOptions{}) {
		got = append(got, summarize(row))
	}
	want := []string{
		`2 9367001 "VIP Customers" "erp-0001"`,
		`3 9367002 "Wholesale, domestic" "erp-0002"`,
		`4 9367003 "Retail \"Premium\"" -`,
		`5 9367004 - "erp-0004"`,
		`6 !groupId: "12.9" is a fraction: a group id is a whole number`,
		`7 !groupId: "1e3" is in scientific notation, and digits may be lost: copy the id again from the store`,
		`8 !groupId: "0" is the store's default group, which cannot be changed: delete the row`,
		`9 !groupId: "-1" is negative: a group id has no sign`,
		`10 !groupId: "+5" has a sign: a group id consists of digits only`,
		`11 !groupId: it is empty: every row needs the id of its group`,
		`12 !groupId: "VIP" is not a number: a group id consists of digits only`,
		`13 !groupId: "９３６７００１" has digits other than 0 to 9: use only 0 to 9`,
		`14 !groupId: "2147483648" is too large: a group id is at most 2147483647; look it up in the store`,
		`15 !there is nothing to send: name and externalReferenceId are empty`,
		`16 !name: it contains a line break: put the text on one line`,
		`18 !name: it contains a tab: remove it`,
		`19 !there are spaces before the opening quote of a cell: remove them`,
		`20 !text follows the closing quote of a cell: double the quotes inside a cell`,
		`21 !the row has 5 cells and the header has 3: a comma inside a cell needs quotes around the cell`,
		`22 !a quote is opened but not closed`,
		`23 9999999 "no such group" "erp-14"`,
		`24 9367011 "the id is taken" "taken-by-another"`,
		`25 9367901 "Suppliers" "erp-0901"`,
		`26 9367902 "Auditors and the like" -`,
		`27 9367012 "last and good" "erp-0012"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mixed.csv (-want +got):\n%s", diff)
	}
}
