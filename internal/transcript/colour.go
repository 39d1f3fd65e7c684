package transcript

// The colours that are used; the letters C, S and * carry the meaning without
// them. Only the eight basic ones, which are legible on dark and light.
const (
	reset   = "\x1b[0m"
	bold    = "\x1b[1m"
	red     = "\x1b[31m"
	green   = "\x1b[32m"
	yellow  = "\x1b[33m"
	magenta = "\x1b[35m"
	cyan    = "\x1b[36m"
)

// classColour is the colour of a server line by its first digit.
func classColour(line string) string {
	if line == "" {
		return ""
	}
	switch line[0] {
	case '2':
		return green
	case '3':
		return cyan
	case '4':
		return yellow
	case '5':
		return red
	}
	return ""
}
