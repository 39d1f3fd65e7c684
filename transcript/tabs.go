package transcript

import (
	"strings"
	"unicode/utf8"
)

// tabStop is the distance of tab columns on terminals.
const tabStop = 8

// ScreenLine is [VisibleLine] for a terminal: tabs become spaces, because servers and
// messages use them for layout. ScreenLine escapes everything else that is unsafe on a
// terminal. Use VisibleLine for text that a program reads again: it keeps tabs and spaces
// distinct.
func ScreenLine(s string) string { return VisibleLine(spread(s, 0)) }

// spread replaces tabs by spaces up to the next column, except in the first bytes.
func spread(s string, keep int) string {
	if strings.IndexByte(s[min(keep, len(s)):], '\t') < 0 {
		return s
	}
	var b strings.Builder
	column := 0
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		if r != '\t' || i < keep {
			b.WriteString(s[i : i+size])
			column++
			continue
		}
		n := tabStop - column%tabStop
		b.WriteString(strings.Repeat(" ", n))
		column += n
	}
	return b.String()
}
