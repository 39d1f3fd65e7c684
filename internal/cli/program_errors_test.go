package cli

import (
	"strings"
	"testing"
)

// TestProgramErrorsAreEscaped: what a program writes to standard error reaches the terminal in
// lines, without control characters, and in parts if a line does not end.
func TestProgramErrorsAreEscaped(t *testing.T) {
	var out strings.Builder
	p := &programErrors{out: &out}
	for _, part := range []string{"one\r\ntw", "o \x1b[2J\n", strings.Repeat("x", maxProgramLine+3), "\n", "end"} {
		if n, err := p.Write([]byte(part)); n != len(part) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	p.Flush()
	want := "program: one\nprogram: two \\x1b[2J\nprogram: " + strings.Repeat("x", maxProgramLine) + "\nprogram: xxx\nprogram: end\n"
	if out.String() != want {
		t.Errorf("%q", out.String())
	}
}
