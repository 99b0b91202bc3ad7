package main

import "testing"

func TestByteSize(t *testing.T) {
	for text, want := range map[string]byteSize{"1": 1, "10B": 10, "2k": 2 << 10, "500M": 500 << 20, "1GiB": 1 << 30, "1gb": 1 << 30, "3T": 3 << 40} {
		var got byteSize
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", text, got, err, want)
		}
	}
	for size, want := range map[byteSize]string{10: "10", 2 << 10: "2KiB", 1 << 30: "1GiB", 1536 << 20: "1536MiB", 2048 << 40: "2048TiB"} {
		if got := size.String(); got != want {
			t.Errorf("%d is %s, want %s", size, got, want)
		}
	}
	for _, text := range []string{"", "G", "0", "-1", "1.5G", "1P", "99999999999T", "9223372036854775808"} {
		var got byteSize
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was accepted as %d", text, got)
		}
	}
}
