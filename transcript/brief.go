package transcript

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxQuoted is the largest number of bytes of a value that an error repeats, such as a line
// of a file, a flag, a server's text or a Lua string.
const MaxQuoted = 200

// maxMessage is the largest number of bytes of an error's text.
const maxMessage = 700

// Brief returns a value as an error repeats it: at most [MaxQuoted] bytes, followed
// by the length of the value if it is longer. Bytes count as [Escape] writes them.
func Brief(s string) string {
	if head := headOf(s, MaxQuoted); len(head) < len(s) {
		return head + "... (" + Octets(len(s)) + ")"
	}
	return s
}

// BriefText shortens an error text that may contain long values. It leaves out the
// middle of each quoted value or word of more than [MaxQuoted] bytes. If the result
// still has more than 700 bytes, BriefText shortens it to 200. Bytes count as
// [Escape] writes them.
func BriefText(s string) string {
	if len(s) <= MaxQuoted && 4*len(s) <= maxMessage {
		return s
	}
	var b strings.Builder
	for word := range strings.SplitAfterSeq(briefQuotes(s), " ") {
		b.WriteString(middle(word, MaxQuoted+len(`""`), 120, 60))
	}
	return middle(b.String(), maxMessage, 140, 60)
}

// briefQuotes shortens the text between quotes.
func briefQuotes(s string) string {
	var b strings.Builder
	for {
		from := strings.IndexByte(s, '"')
		to := -1
		if from >= 0 {
			to = endOfQuote(s[from+1:])
		}
		if to < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:from+1] + middle(s[from+1:from+1+to], MaxQuoted, 100, 60) + `"`)
		s = s[from+1+to+1:]
	}
}

// endOfQuote returns the index of the quote that ends a text, or -1.
func endOfQuote(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// BriefLines is [BriefText] for a text of several lines; it keeps at most most lines.
func BriefLines(s string, most int) string {
	lines := strings.Split(s, "\n")
	left := len(lines) - most
	if left > 0 {
		lines = append(lines[:most:most], fmt.Sprintf("... (%s more lines)", grouped(left)))
	}
	for i, l := range lines {
		lines[i] = BriefText(l)
	}
	return strings.Join(lines, "\n")
}

// Octets returns a size for errors: "12 345 octets".
func Octets(n int) string { return grouped(n) + " bytes" }

// middle removes the middle of a text that is longer than most.
func middle(s string, most, head, tail int) string {
	if len(headOf(s, most)) == len(s) {
		return s
	}
	return headOf(s, head) + "... (" + Octets(len(s)) + ") ..." + tailOf(s, tail)
}

// headOf returns the beginning of s that Escape writes in n bytes, in whole characters.
func headOf(s string, n int) string {
	at := 0
	for at < len(s) {
		_, size := utf8.DecodeRuneInString(s[at:])
		if n -= len(Escape(s[at : at+size])); n < 0 {
			break
		}
		at += size
	}
	return s[:at]
}

// tailOf returns the end of s that Escape writes in n bytes.
func tailOf(s string, n int) string {
	at := len(s)
	for at > 0 {
		_, size := utf8.DecodeLastRuneInString(s[:at])
		if n -= len(Escape(s[at-size : at])); n < 0 {
			break
		}
		at -= size
	}
	return s[at:]
}

// grouped writes a number with a space before every three digits.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}
