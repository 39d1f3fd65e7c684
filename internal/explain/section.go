package explain

import (
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// columns is the width of lines; 0 means usualWidth.
var columns atomic.Int64

// usualWidth is easy to read and fits 80 columns.
const usualWidth = 78

// SetWidth sets the width of lines in columns, at least 38.
func SetWidth(n int) { columns.Store(int64(max(38, n))) }

func width() int {
	if n := int(columns.Load()); n > 0 {
		return n
	}
	return usualWidth
}

// section is one meaning of a word.
type section struct {
	title string
	rows  []row
}

// row is a label with a text; without a label the text stands alone.
type row struct{ label, text string }

// String formats the section: the title, then labels in a column.
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
		for i, line := range Wrap(r.text, width()-indent) {
			switch {
			case line == "": // no spaces at the end
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

// Wrap splits a text into lines of at most n characters at spaces; newlines are kept.
func Wrap(text string, n int) []string {
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

// Columns formats names with a text each: the text begins in one column, and on its own
// line after a name that is too long.
func Columns(rows [][2]string) string {
	const column = 24
	var b strings.Builder
	for _, r := range rows {
		name, lines := r[0], Wrap(r[1], width()-column)
		if utf8.RuneCountInString(name)+4 > column {
			b.WriteString("  " + name + "\n")
			name = ""
		}
		for _, l := range lines {
			b.WriteString("  " + name + strings.Repeat(" ", column-2-utf8.RuneCountInString(name)) + l + "\n")
			name = ""
		}
	}
	return b.String()
}

// Indent wraps a text after a prefix; further lines begin under its first word.
func Indent(prefix, text string) string {
	var b strings.Builder
	for i, l := range Wrap(text, max(20, width()-len(prefix))) {
		if i == 0 {
			b.WriteString(prefix + l + "\n")
		} else {
			b.WriteString(strings.Repeat(" ", len(prefix)) + l + "\n")
		}
	}
	return b.String()
}
