package transcript

// The colours of transcripts. Only replies and marks, which have a meaning, are coloured,
// and never in yellow or cyan, which are unreadable on a light screen. Code and text of a
// reply are one span, so that programs that read a terminal, such as expect(1), find "250
// ok" in one piece. The letters C, S and * and the digits show the same without colour.
const (
	reset = "\x1b[0m"
	bold  = "\x1b[1m"
	mark  = "\x1b[35m" // for lines that neither client nor server sent
)

// CodeColour returns the colour of a reply code by its first digit, or "" for none.
func CodeColour(first byte) string {
	switch first {
	case '2':
		return "\x1b[1;32m"
	case '3':
		return "\x1b[1;34m"
	case '4':
		return "\x1b[1;35m"
	case '5':
		return "\x1b[1;31m"
	}
	return ""
}

// paint colours a line of a transcript.
func paint(letter, text string) string {
	switch {
	case letter == "C":
		return bold + prefix(letter) + text + reset
	case letter == "*":
		return mark + "*" + reset + prefix(letter)[1:] + text
	}
	if len(text) >= 3 {
		if c := CodeColour(text[0]); c != "" {
			return prefix(letter) + c + text + reset
		}
	}
	return prefix(letter) + text
}
