package main

import (
	"strings"
	"testing"
)

// A flag that is repeated is shown in the same order each time.
func TestDoctorShowsColumnsInOrder(t *testing.T) {
	want := "--column           externalReferenceId=B,groupId=A,name=C flag"
	out, _ := doctorOn(t, "", "--sandbox", "--column=name=C", "--column=groupId=A", "--column=externalReferenceId=B")
	if !strings.Contains(out, want) {
		t.Errorf("it lacks %s:\n%s", want, out)
	}
}
