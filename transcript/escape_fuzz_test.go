package transcript_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"smtpsh/transcript"
)

// No data of a server controls a terminal or hides text.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{
		"plain", "\x1b[2J", "\x1b]0;x\x07", "\u009b2J", "\x9b2J", "a\u202eb",
		"a\u200bb", "\xff\xfe", "a\r\nb", "\u2028", "e\u0301", "\U0001F600", "\ufeff",
		"\u00ad",
	} {
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

// FuzzJSONWriter checks that JSON decodes to the same text and contains nothing that
// controls a terminal.
func FuzzJSONWriter(f *testing.F) {
	for _, seed := range []string{"plain", "\x1b]0;x\x07", "\u009b2J \u202e\u200b", "grün 😀", "\U000e0001\x7f\\u009b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?")
		var b bytes.Buffer
		if err := json.NewEncoder(transcript.JSONWriter(&b)).Encode(s); err != nil {
			t.Fatal(err)
		}
		var back string
		if err := json.Unmarshal(b.Bytes(), &back); err != nil || back != s {
			t.Fatalf("%q became %q: %v", s, back, err)
		}
		if text := strings.TrimSuffix(b.String(), "\n"); transcript.Escape(text) != text {
			t.Fatalf("%q has control characters", text)
		}
	})
}
