#!/bin/sh
# Exports groups.fods, a sheet that LibreOffice opens, into the forms in which spreadsheets reach groupsync.
# The files beside this script are what LibreOffice 7.4.7 (Debian's libreoffice-calc) made of it.
set -eu
cd "$(dirname "$0")"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# export_as NAME FILTER: the options of the filter for CSV are the separator, the quote (both as code points), the
# encoding (76 UTF-8, 65535 UTF-16, 1 Windows-1252), the first line, column formats, language, quotes around every
# text, special numbers (of imports), numbers as shown, formulas, blanks taken off, and the sheet, from 1:
# https://help.libreoffice.org/latest/en-US/text/shared/guide/csv_params.html
export_as() {
	soffice "-env:UserInstallation=file://$out/profile" --headless --convert-to "$2" --outdir "$out/files" groups.fods >/dev/null
	mv "$out"/files/* "$1"
}

text='csv:Text - txt - csv (StarCalc)'
export_as groups.xlsx 'xlsx:Calc MS Excel 2007 XML'
export_as groups.utf8.csv "$text:44,34,76,1,,0,false,true,false,false,false,1"
export_as groups.quoted.csv "$text:44,34,76,1,,0,true,true,false,false,false,1"
export_as groups.utf16.txt "$text:9,34,65535,1,,0,false,true,false,false,false,1"
export_as western.windows1252.csv "$text:59,34,1,1,,0,false,true,false,false,false,2"
# This version writes no byte order mark before UTF-8, as Excel's "CSV UTF-8" has it.
{ printf '\357\273\277'; cat groups.utf8.csv; } >groups.utf8bom.csv
