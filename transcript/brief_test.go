package transcript

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestBrief(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"short", "550 no", "550 no"},
		{"as long as may be", x(200), x(200)},
		{"one more", x(201), x(200) + "... (201 bytes)"},
		{"much", x(12345), x(200) + "... (12 345 bytes)"},
		{"whole characters", strings.Repeat("漢", 100), strings.Repeat("漢", 66) + "... (300 bytes)"},
		{"as Escape writes it", strings.Repeat("\x1b", 51), strings.Repeat("\x1b", 50) + "... (51 bytes)"},
	} {
		if got := Brief(tt.text); got != tt.want {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}

func TestBriefText(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	for _, tt := range []struct{ name, text, want string }{
		{"short", "--color: \"x\" is not auto", "--color: \"x\" is not auto"},
		{
			"a long word", "--color: \"" + x(1<<20) + "\" is not auto",
			"--color: \"" + x(100) + "... (1 048 576 bytes) ..." + x(60) + "\" is not auto",
		},
		{"a long word without quotes", "no file " + x(1<<20) + ": no", "no file " + x(120) + "... (1 048 578 bytes) ..." + x(58) + ": no"},
		{
			"words in quotes", `got "` + strings.Repeat(`a\" `, 1000) + `", want "b"`,
			`got "` + strings.Repeat(`a\" `, 25) + `... (4 000 bytes) ...` + strings.Repeat(`a\" `, 15) + `", want "b"`,
		},
		{
			"a quote without an end",
			strings.Repeat("word ", 50) + `"` + strings.Repeat("w ", 50),
			strings.Repeat("word ", 50) + `"` + strings.Repeat("w ", 50),
		},
		{"many words", strings.Repeat("word ", 1000), strings.Repeat("word ", 28) + "... (5 000 bytes) ..." + strings.Repeat("word ", 12)},
	} {
		if got := BriefText(tt.text); got != tt.want {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
	if got := BriefLines(strings.Repeat(x(500)+
		"\n", 100), 10); strings.Count(got, "\n") != 10 || !strings.HasSuffix(got, "... (91 more lines)") {
		t.Errorf("%q", got)
	}
}

// For any text, the result is short when it is escaped, and valid where the text was.
func FuzzBriefText(f *testing.F) {
	for _, s := range []string{
		"", strings.Repeat("\x1b ", 900), strings.Repeat("漢", 900),
		strings.Repeat("a\xff", 900),
		strings.Repeat("\u202e", 300) + " " + strings.Repeat("x ", 300),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := BriefText(s)
		if n := len(Escape(got)); n > maxMessage+40 {
			t.Errorf("%d bytes are left of %d", n, len(s))
		}
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%q", got)
		}
	})
}
