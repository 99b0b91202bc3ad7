package xlsx

import "testing"

func TestColumnName(t *testing.T) {
	for column, want := range map[int]string{1: "A", 26: "Z", 27: "AA", 52: "AZ", 702: "ZZ", 703: "AAA"} {
		if got := columnName(column); got != want {
			t.Errorf("columnName(%d) = %s, want %s", column, got, want)
		}
	}
}
