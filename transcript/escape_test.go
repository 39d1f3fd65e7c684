package transcript

import "testing"

// Lines and columns of a text stay, and nothing else that controls a terminal.
func TestEscapeText(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		"plain\ttext\nof two\n":   "plain\ttext\nof two\n",
		"a\x1b[31mb\n\x07\tc\r\n": `a\x1b[31mb` + "\n" + `\x07` + "\tc" + `\x0d` + "\n",
		"\u202eabc\n\u009b2J":     `\xe2\x80\xaeabc` + "\n" + `\xc2\x9b2J`,
	} {
		if got := EscapeText(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
