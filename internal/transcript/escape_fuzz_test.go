package transcript_test

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"smtpsh/internal/transcript"
)

// Whatever a server sends, nothing of it controls a terminal or hides text.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{"plain", "\x1b[2J", "\x1b]0;x\x07", "\u009b2J", "\x9b2J", "a\u202eb", "a\u200bb", "\xff\xfe", "a\r\nb", "\u2028", "e\u0301", "\U0001F600", "\ufeff", "\u00ad"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, out := range []string{transcript.Escape(s), transcript.VisibleLine(s)} {
			if !utf8.ValidString(out) {
				t.Fatalf("%q gives %q, which is not UTF-8", s, out)
			}
			for _, r := range out {
				if r < 0x20 || r >= 0x7f && r < 0xa0 || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
					t.Fatalf("%q gives %q, with %U", s, out, r)
				}
			}
		}
	})
}
