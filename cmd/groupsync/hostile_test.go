package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// encoded returns s in another encoding.
func encoded(t transform.Transformer, s string) string {
	b, _, err := transform.String(t, s)
	if err != nil {
		panic(err)
	}
	return b
}

// Every file results in rows, invalid rows, or one clear error before the first request.
func TestHostileFiles(t *testing.T) {
	const (
		head = "groupId,name,externalReferenceId\n"
		good = "9367001,VIP Customers,erp-1\n"
	)
	utf16 := func(e unicode.Endianness, b unicode.BOMPolicy) transform.Transformer {
		return unicode.UTF16(e, b).NewEncoder()
	}
	for i, c := range []struct {
		what  string
		file  string
		flags []string
		code  int
		want  string // in the results, or in standard error if the run could not start
	}{
		// Encodings.
		{"UTF-8", head + "9367001,Größe 大 🥇,ä\n", nil, 0, "Größe 大 🥇,ä,updated"},
		{"UTF-8 with a byte order mark", "\ufeff" + head + good, nil, 0, "VIP Customers,erp-1,updated"},
		{"UTF-16LE with a byte order mark", encoded(utf16(unicode.LittleEndian, unicode.UseBOM), head+"9367001,Größe 🥇,\n"), nil, 0, "Größe 🥇,,updated"},
		{"UTF-16BE with a byte order mark", encoded(utf16(unicode.BigEndian, unicode.UseBOM), head+"9367001,Größe 🥇,\n"), nil, 0, "Größe 🥇,,updated"},
		{"UTF-16LE without a byte order mark", encoded(utf16(unicode.LittleEndian, unicode.IgnoreBOM), head+"9367001,Größe,\n"), nil, 0, "Größe,,updated"},
		{"UTF-16BE without a byte order mark", encoded(utf16(unicode.BigEndian, unicode.IgnoreBOM), head+"9367001,Größe,\n"), nil, 0, "Größe,,updated"},
		{"UTF-16 cut in the middle of a character", encoded(utf16(unicode.LittleEndian, unicode.UseBOM), head+"9367001,Größe,\n") + "9", nil, 2, "is not valid utf-16le"},
		{"UTF-16 with half a surrogate pair", encoded(utf16(unicode.LittleEndian, unicode.UseBOM), head+"9367001,") + "\x3d\xd8x\x00\n\x00", nil, 2, `line 2: column "name"`},
		{"UTF-32", "\xff\xfe\x00\x00g\x00\x00\x00r\x00\x00\x00", nil, 2, "there is no column groupId"},
		{"Windows-1252", encoded(charmap.Windows1252.NewEncoder(), head+"9367001,Große Kunden – 100 €,\n"), nil, 2, `line 2: column "name": the byte DF is not UTF-8; in windows-1252 the cell is "Große Kunden – 100 €"`},
		{"Windows-1252 with --encoding", encoded(charmap.Windows1252.NewEncoder(), head+"9367001,Große Kunden – 100 €,\n"), []string{"--encoding", "windows-1252"}, 0, "Große Kunden – 100 €,,updated"},
		{"Windows-1251", encoded(charmap.Windows1251.NewEncoder(), head+"9367001,Оптовые покупатели,\n"), nil, 2, `in windows-1251 the cell is "Оптовые покупатели"`},
		{"Windows-1250", encoded(charmap.Windows1250.NewEncoder(), head+"9367001,Zákazníci z Łodzi,\n"), nil, 2, `windows-1250`},
		{"Shift JIS", encoded(japanese.ShiftJIS.NewEncoder(), head+"9367001,大口のお客様,\n"), nil, 2, `in shift_jis the cell is "大口のお客様"`},
		{"Shift JIS with --encoding", encoded(japanese.ShiftJIS.NewEncoder(), head+"9367001,大口のお客様,\n"), []string{"--encoding", "Shift_JIS"}, 0, "大口のお客様,,updated"},
		{"an encoding other than that of --encoding", head + "9367001,\xff\xff,\n", []string{"--encoding", "shift_jis"}, 2, "is not valid shift_jis"},
		{"bytes that contradict the byte order mark", "\xff\xfeg\x00\x00\xd8,\x00n\x00\n\x00", []string{"--encoding", "utf-8"}, 2, "the file is damaged, export it again"},
		{"an encoding that is not supported", head + good, []string{"--encoding", "iso-2022-kr"}, 2, `the encoding "iso-2022-kr" cannot be read: export the file as CSV UTF-8: correct or omit --encoding`},
		{"an unknown encoding", head + good, []string{"--encoding", "klingon"}, 2, `"klingon" is not the name of an encoding, such as windows-1252, utf-16le or shift_jis: correct or omit --encoding`},
		{"a byte order mark that contradicts --encoding", "\ufeff" + head + "9367001,Größe,\n", []string{"--encoding", "windows-1252"}, 0, "Größe,,updated"},
		{"invalid UTF-8 with --encoding utf-8", head + "9367001,Gr\xf6\xdfe,\n", []string{"--encoding", "utf-8"}, 2, "the bytes F6 DF are not UTF-8"},
		{"bytes that are not UTF-8 in the header", "groupId,name,Bemerkung f\xfcr alle\n9367001,x,\n", nil, 2, `line 1: cell 3: the byte FC is not UTF-8; in windows-1252 the cell is "Bemerkung für alle"`},
		{"bytes that are not UTF-8 in another column", "groupId,name,note\n9367001,x,f\xfcr\n", nil, 2, `line 2: column "note"`},
		{"bytes that are not UTF-8 far down", head + strings.Repeat(good, 5000) + "9367001,Gr\xf6\xdfe,\n", nil, 2, "line 5002"},
		{"a letter that another program lost", head + "9367001,Gr\ufffd\ufffde,\n", nil, 1, "it contains U+FFFD, which replaces a letter that was lost"},
		{"an overlong sequence", head + "9367001,a\xc0\xafb,\n", nil, 2, "the bytes C0 AF are not UTF-8"},
		// Delimiters.
		{"semicolons", "groupId;name;externalReferenceId\n9367001;a,b;x\n", nil, 0, "9367001;a,b;x;updated"},
		{"tabs", "groupId\tname\n9367001\ta,b;c\n", nil, 0, "9367001\ta,b;c\t\tupdated"},
		{"vertical bars", "groupId|name\n9367001|a\n", nil, 0, "9367001|a||updated"},
		{"commas, with semicolons in a header", "groupId,name,\"a;b;c\"\n9367001,a,x\n", nil, 0, "9367001,a,,updated"},
		{"two possible delimiters", "groupId;name;a,groupId,name\n", nil, 2, "the cells could be separated by , or ;: name the right one with --delimiter"},
		{"two delimiters, and no header with either", "gr;oup,na;me\n1;2,3;4\n", nil, 2, `the cells could be separated by , or ;: name the right one with --delimiter`},
		{"a delimiter that was given", "groupId;name\n9367001;a\n", []string{"--delimiter", ";"}, 0, "9367001;a;;updated"},
		{"tab, by its name", "groupId\tname\n9367001\ta\n", []string{"--delimiter", "tab"}, 0, "updated"},
		{"a wrong delimiter", "groupId;name\n9367001;a\n", []string{"--delimiter", ","}, 2, `there is no column groupId, and no column name or externalReferenceId: the only column is "groupId;name"`},
		{"an invalid delimiter", head + good, []string{"--delimiter", "x"}, 2, `"x" is not a delimiter: the delimiters are , ; | and tab: correct or omit --delimiter`},
		{"sep=;", "sep=;\ngroupId;name\n9367001;a,b\n", nil, 0, "3;9367001;a,b;;updated"},
		{"SEP=, with CRLF", "SEP=,\r\ngroupId,name\r\n9367001,a\r\n", nil, 0, "3,9367001,a,,updated"},
		{"sep= after a byte order mark", "\ufeffsep=;\ngroupId;name\n9367001;a\n", nil, 0, "updated"},
		{"sep= and a tab", "sep=\t\ngroupId\tname\n9367001\ta,b\n", nil, 0, "3\t9367001\ta,b\t\tupdated"},
		{"sep= and nothing else", "sep=;\n", nil, 2, "the file is empty"},
		{"one column", "groupId\n9367001\n", nil, 2, `there is no column name or externalReferenceId: the only column is "groupId"; run this command with the name of a column`},
		// Headers.
		{"other case and separators", "GROUP id,NAME,external-reference_ID\n" + good, nil, 0, "updated"},
		{"aliases", "ID,Customer group,externalId\n" + good, nil, 0, "updated"},
		{"an exact name beats an alias", "ID,groupId,name\n1,9367001,a\n", nil, 0, "2,9367001,a,,updated"},
		{"two exact names", "groupId,Group ID,name\n1,2,a\n", nil, 2, `several columns match groupId: "groupId", "Group ID"`},
		{"two aliases", "id,Customer group ID,name\n1,2,a\n", nil, 2, `several columns match groupId: "id", "Customer group ID": rename or remove all but one of them, or name the right one with --column groupId=…`},
		{"a column that --column names", "Kd-Gruppe Nr;Name\n9367001;a\n", []string{"--column", "groupId=Kd-Gruppe Nr"}, 0, "9367001;a;;updated"},
		{"--column with a missing column", head + good, []string{"--column", "groupId=Nr"}, 2, `there is no column "Nr" to use as groupId: the columns are "groupId", "name", "externalReferenceId": correct --column groupId=…`},
		{"--column with a similar column beside it", "Kd-Nr,Kd Nr,name\n1,9367001,a\n", []string{"--column", "groupId=Kd Nr"}, 0, "2,9367001,a,,updated"},
		{"--column with a column that occurs twice", "Nr,Nr,name\n1,2,a\n", []string{"--column", "groupId=Nr"}, 2, `several columns match groupId: "Nr", "Nr": rename or remove all but one of them; see`},
		{"two fields from one column", head + good, []string{"--column", "groupId=name", "--column", "name=name"}, 2, `the column "name" cannot be both groupId and name: correct --column name=…`},
		{"--column with an unknown field", head + good, []string{"--column", "id=groupId"}, 2, "--column id=…: there is no such field; the fields are groupId, name, externalReferenceId"},
		{"--column wins over an exact name", "groupId,nr,name\n1,9367001,a\n", []string{"--column", "groupId=nr"}, 0, "2,9367001,a,,updated"},
		{"no header", good + good, nil, 2, `there is no column groupId, and no column name or externalReferenceId: the columns are "9367001", "VIP Customers", "erp-1"`},
		{"other columns", "Kunde,Preis\n1,2\n", nil, 2, `the columns are "Kunde", "Preis"; run this command with the name of a column in place of each …: groupsync sync`},
		{"one alias found, the other column missing", "Nr.,Customer group\n1,a\n", nil, 2, `("Customer group" is read as name)`},
		{"invisible characters in a header", "\ufeff\ufeffgroupId,na\u200bme\n9367001,a\n", nil, 0, "2,9367001,a,,updated"},
		{"rows of delimiters before the header", ";;\n; ;\nNr;groupId;name\n1;9367001;a,b\n", nil, 0, "4;9367001;a,b;;updated"},
		{"empty header cells", ",groupId,,name,,\n,9367001,,a,,\n", nil, 0, "updated"},
		{"a header of 5,000 columns", "groupId,name" + strings.Repeat(",x", 5000) + "\n9367001,a\n", nil, 0, "updated"},
		{"a quote in the header", "groupId,na\"me\n1,a\n", nil, 2, "there is no column name"},
		{"an unclosed quote in the header", "groupId,\"name\n1,a\n", nil, 2, "a quote is opened but not closed"},
		// Ids as spreadsheets write them.
		{"9367001.0", head + "9367001.0,a,\n", nil, 0, "9367001.0,a,,updated"},
		{"9367001,00", "groupId;name\n9367001,00;a\n", nil, 0, "9367001,00;a;;updated"},
		{"a fraction with a comma", "groupId;name\n9367001,5;a\n", nil, 1, "is a fraction"},
		{"1,000", "groupId;name\n1,000;a\n", nil, 1, "has separators between its digits"},
		{"leading zeros", head + "0009367001,a,\n", nil, 0, "0009367001,a,,updated"},
		{"9,367,001", head + "\"9,367,001\",a,\n", nil, 1, "has separators between its digits"},
		{"9 367 001", head + "9 367 001,a,\n", nil, 1, "has separators between its digits"},
		{"9 367 001 with no-break spaces", head + "9\u00a0367\u00a0001,a,\n", nil, 1, "has separators between its digits"},
		{"9.367.001", head + "9.367.001,a,\n", nil, 1, "has separators between its digits"},
		{"9'367'001", head + "9'367'001,a,\n", nil, 1, "has separators between its digits"},
		{"9.37E+06", head + "9.37E+06,a,\n", nil, 1, "was shortened by a spreadsheet, and digits are lost"},
		{"9,37E+06", "groupId;name\n9,37E+06;a\n", nil, 1, "was shortened by a spreadsheet, and digits are lost"},
		{"a fraction", head + "9367001.5,a,\n", nil, 1, "is a fraction"},
		{"a date", head + "12.05.2026,a,\n", nil, 1, "is not a number"},
		{"#REF! as id", head + "#REF!,a,\n", nil, 1, "groupId: it contains #REF!, a spreadsheet error"},
		{"##### as id", head + "######,a,\n", nil, 1, "if a column is too narrow"},
		{"too large", head + "99999999999999999999,a,\n", nil, 1, "is too large: a group id is at most 2147483647"},
		// Values.
		{"#N/A as name", head + "9367001,#N/A,\n", nil, 1, "name: it contains #N/A, a spreadsheet error"},
		{"#NV as external id", head + "9367001,,#NV\n", nil, 1, "externalReferenceId: it contains #NV"},
		{"#NAME? as name", head + "9367001,#NAME?,\n", nil, 1, "it contains #NAME?"},
		{"Err:502 as name", head + "9367001,Err:502,\n", nil, 1, "it contains Err:502"},
		{"Err :502 as name", head + "9367001,Err\u00a0:502,\n", nil, 1, "a spreadsheet error"},
		{"#ERROR! of Google Sheets as name", head + "9367001,#ERROR!,\n", nil, 1, "it contains #ERROR!"},
		{"a name with a number sign", head + "9367001,#1 fans!,\n", nil, 0, "#1 fans!,,updated"},
		{"1.23E+11 as external id", head + "9367001,,1.23E+11\n", nil, 1, "was shortened by a spreadsheet, and digits are lost"},
		{"1.23E+11 with a space as external id", head + "9367001,,1.23E+11 \n", nil, 1, "was shortened by a spreadsheet, and digits are lost"},
		{"-1.23E+11 as external id", head + "9367001,,-1.23E+11\n", nil, 1, "was shortened by a spreadsheet, and digits are lost"},
		{"12E4 as external id, which is valid", head + "9367001,,12E4\n", nil, 0, ",12E4,updated"},
		{"leading zeros in an external id", head + "9367001,,00017\n", nil, 0, ",00017,updated"},
		{"spaces around a name", head + "9367001,  VIP\u00a0,\n", nil, 0, "\"  VIP\u00a0\",,updated"},
		{"spaces around a name, tidied", head + "9367001,  VIP\u00a0,\n", []string{"--tidy"}, 0, "\"  VIP\u00a0\",,updated"},
		{"only an invisible character, tidied", head + "9367001,\u200b,x\n", []string{"--tidy"}, 0, "updated"},
		{"a formula in CSV is text", head + "9367001,=1+1,@x\n", nil, 0, "=1+1,@x,updated"},
		{"a line break in a name", head + "9367001,\"a\nb\",\n", nil, 1, "it contains a line break"},
		{"a NUL in a name", head + "9367001,a\x00b,\n", nil, 1, "it contains the control character U+0000"},
		{"a NUL in another column", "groupId,name,note\n9367001,a,\x00\n", nil, 0, "updated"},
		{"a long name", head + "9367001," + strings.Repeat("x", 60_000) + ",\n", nil, 0, "updated"},
		{"a name of more than 64 KiB", head + "9367001," + strings.Repeat("x", 64<<10+1) + ",\n", nil, 1, "name: it is longer than 65536 bytes"},
		// Shape.
		{"CRLF", strings.ReplaceAll(head+good, "\n", "\r\n"), nil, 0, "2,9367001,VIP Customers,erp-1,updated"},
		{"CR alone", strings.ReplaceAll(head+good+"9367002,b,\n", "\n", "\r"), nil, 0, "3,9367002,b,,updated"},
		{"CR alone, and line breaks in cells", "groupId,name,\"no\nte\"\r9367001,a,\"b\nb\"\r9367002,b,\r", nil, 0, "5,9367002,b,,updated"},
		{"CR alone, without a last line end", "groupId,name\r9367001,a", nil, 0, "2,9367001,a,,updated"},
		{"mixed line ends", head + "9367001,a,\r\n9367002,b,\n9367003,c,\r\n", nil, 0, "4,9367003,c,,updated"},
		{"CR alone in the header, and CRLF after", "groupId,name\r9367001,a\r\n9367002,b\r\n", nil, 0, "3,9367002,b,,updated"},
		{"blank lines", "\n\n" + head + "\n\n" + good + "\n\n", nil, 0, "6,9367001"},
		{"rows of delimiters", head + good + strings.Repeat(",,\n", 500), nil, 0, "2,9367001"},
		{"rows of delimiters, spaces and quotes", head + good + " , ,\n\"\",\"\",\"\"\n", nil, 0, "2,9367001"},
		{"too few cells", head + "9367001,a\n", nil, 0, "9367001,a,,updated"},
		{"too many cells", head + "9367001,a,b,c\n", nil, 1, "the row has 4 cells and the header has 3: a comma inside a cell needs quotes around the cell"},
		{"too many blank cells", head + "9367001,a,b,, ,\n", nil, 0, "9367001,a,b,updated"},
		{"line breaks in another column", "note,groupId,name\n\"a\r\n\nb\",9367001,a\nx,9367002,b\n", nil, 0, "5,9367002,b,,updated"},
		{"an unclosed quote", head + good + "9367002,\"b,\n" + "9367003,c,\n", nil, 1, "a quote is opened but not closed"},
		{"a quote inside a cell", head + "9367001,5\" pipe,\n" + "9367002,b,\n", nil, 0, "\"5\" pipe\",,updated"},
		{"text after a quote", head + "9367001,\"a\"b,\n", nil, 1, "text follows the closing quote"},
		{"without a last line end", head + strings.TrimSuffix(good, "\n"), nil, 0, "updated"},
		{"a row of 2 MB", head + "9367001,a," + strings.Repeat("x", 2<<20) + "\n9367002,b,\n", nil, 1, "3,9367002,b,,updated"},
		{"Ctrl-Z at the end, as DOS programs write it", head + good + "\x1a", nil, 1, "2,9367001,VIP Customers,erp-1,updated"},
		// Other formats.
		{"--encoding for a spreadsheet", "PK\x03\x04", []string{"--encoding", "utf-8"}, 2, "this is a spreadsheet, which has no encoding to choose: omit --encoding"},
		{"nothing", "", nil, 2, "the file is empty"},
		{"a byte order mark", "\ufeff", nil, 2, "the file is empty"},
		{"blank lines alone", "\r\n\r\n", nil, 2, "the file is empty"},
		{"NULs", strings.Repeat("\x00", 5000), nil, 2, "there is no column groupId"},
		{"a web page", "<!DOCTYPE html>\n<html></html>\n", nil, 2, "this is a web page, not a spreadsheet: open it"},
		{"a PDF", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", nil, 2, "this is a PDF file"},
		{"a zip", "PK\x03\x04 and so on", nil, 2, "the spreadsheet is damaged"},
		{"an old Excel file", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), nil, 2, "xls"},
		{"JSON", `[{"groupId": 1, "name": "a"}]`, nil, 2, "this is JSON, not a table"},
		{"--sheet for a CSV file", head + good, []string{"--sheet", "Groups"}, 2, `this is not a spreadsheet (xlsx), so it has no sheet "Groups": omit --sheet`},
	} {
		t.Run(c.what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.csv", i))
			if err := os.WriteFile(path, []byte(c.file), 0o644); err != nil {
				t.Fatal(err)
			}
			var out, stderr bytes.Buffer
			args := append([]string{"groupsync", "sync", "--sandbox", "--results", "-", path}, c.flags...)
			code := run(t.Context(), args, os.Getenv, strings.NewReader(""), &out, &stderr)
			printed := out.String()
			if c.code == exitNotStarted {
				if printed != "" {
					t.Errorf("there are results: %q", printed)
				}
				printed = stderr.String()
				if n := strings.Count(printed, "\n"); n != 1 || len(printed) > 1000 {
					t.Errorf("%d lines were printed: %q", n, printed)
				}
			}
			if code != c.code || !strings.Contains(strings.ReplaceAll(printed, `""`, `"`), c.want) {
				t.Errorf("exit code %d, want %d, with %q in\n%.600s\n%.600s", code, c.code, c.want, printed, &stderr)
			}
		})
	}
}
