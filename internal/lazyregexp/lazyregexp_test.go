package lazyregexp

import "testing"

func TestNew(t *testing.T) {
	bad := New(`(`) // not compiled yet
	word := New(`^[a-z]+$`)
	if !word().MatchString("mail") || word().MatchString("250") {
		t.Error("the expression does not match as it should")
	}
	if first := word(); first != word() {
		t.Error("it was compiled twice")
	}
	defer func() {
		if recover() == nil {
			t.Error("a malformed expression did not panic")
		}
	}()
	bad()
}
