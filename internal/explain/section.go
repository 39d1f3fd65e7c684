package explain

import (
	"strings"
	"unicode/utf8"
)

// width is how far lines go: comfortable to read, and fit for 80 columns.
const width = 78

// section is one meaning of a word.
type section struct {
	title string
	rows  []row
}

// row is a label and a text; without a label the text stands alone.
type row struct{ label, text string }

// String lays the section out: the title, then labels in a column.
func (s section) String() string {
	var b strings.Builder
	b.WriteString(s.title + "\n")
	const column = 14
	for _, r := range s.rows {
		if r.text == "" {
			continue
		}
		indent := 2
		if r.label != "" {
			indent = column
		}
		for i, line := range wrap(r.text, width-indent) {
			switch {
			case r.label == "" || i > 0:
				b.WriteString(strings.Repeat(" ", indent))
			default:
				b.WriteString("  " + r.label + strings.Repeat(" ", max(1, column-2-len(r.label))))
			}
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// wrap cuts a text into lines of at most n characters, at spaces; newlines stay.
func wrap(text string, n int) []string {
	var out []string
	for part := range strings.SplitSeq(text, "\n") {
		line := ""
		for _, w := range strings.Fields(part) {
			switch {
			case line == "":
				line = w
			case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(w) > n:
				out = append(out, line)
				line = w
			default:
				line += " " + w
			}
		}
		out = append(out, line)
	}
	return out
}
