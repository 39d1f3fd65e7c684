package transcript

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"smtpsh/internal/safetext"
)

// Escape makes bytes of unknown origin safe to print. Control bytes, C1 controls, bytes
// that are not UTF-8, and characters that change the layout of text (bidirectional
// overrides, zero-width and other format characters) become \xNN for each byte. Everything
// else is unchanged.
func Escape(s string) string { return safetext.Escape(s) }

// EscapeText is Escape for a text of several lines: line feeds and tabs stay unchanged.
func EscapeText(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		fields := strings.Split(l, "\t")
		for j, f := range fields {
			fields[j] = Escape(f)
		}
		lines[i] = strings.Join(fields, "\t")
	}
	return strings.Join(lines, "\n")
}

// escapeEnding shows a line ending that is not CRLF.
func escapeEnding(e string) string {
	return strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(e)
}

// JSONWriter returns a writer for JSON that replaces characters that are unsafe on
// a terminal or hide other text by \u escapes. JSON readers get the same text.
func JSONWriter(w io.Writer) io.Writer { return jsonWriter{w} }

type jsonWriter struct{ w io.Writer }

// Write accepts whole characters, as encoding/json writes them.
func (j jsonWriter) Write(p []byte) (int, error) {
	clean := p
	if i := bytes.IndexFunc(p, hidden); i >= 0 {
		clean = append([]byte(nil), p[:i]...)
		for _, r := range string(p[i:]) {
			switch {
			case !hidden(r):
				clean = utf8.AppendRune(clean, r)
			case r > 0xffff:
				a, b := utf16.EncodeRune(r)
				clean = fmt.Appendf(clean, `\u%04x\u%04x`, a, b)
			default:
				clean = fmt.Appendf(clean, `\u%04x`, r)
			}
		}
	}
	if _, err := j.w.Write(clean); err != nil {
		return 0, err
	}
	return len(p), nil
}

// hidden are characters that JSON leaves as they are and that are not shown as such.
//
//mutant:reports-of-JSON-are-clean is "return " "return false && "
func hidden(r rune) bool { return r >= 0x7f && !safetext.Printable(r) }
