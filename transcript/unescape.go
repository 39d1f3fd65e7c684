package transcript

import "strconv"

// EscapeError reports an invalid escape sequence.
type EscapeError struct{ Text, Hint string }

// Error names the sequence.
func (e *EscapeError) Error() string { return e.Text }

// Unescape reads text in which \r \n \t \0 \\ and \xHH are bytes, as [Escape] writes them.
// The error is an [*EscapeError].
func Unescape(text string) ([]byte, error) {
	var out []byte
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			out = append(out, text[i])
			continue
		}
		if i++; i == len(text) {
			return nil, &EscapeError{"incomplete escape: backslash at the end", `write \\ for a backslash`}
		}
		switch text[i] {
		case 'r':
			out = append(out, '\r')
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case '0':
			out = append(out, 0)
		case '\\':
			out = append(out, '\\')
		case 'x':
			if i+2 >= len(text) {
				return nil, &EscapeError{`\x wants two hexadecimal digits`, `as in \x0d`}
			}
			n, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
			if err != nil {
				return nil, &EscapeError{`\x` + Escape(text[i+1:i+3]) + ": these are not two hexadecimal digits", `as in \x0d`}
			}
			out = append(out, byte(n))
			i += 2
		default:
			return nil, &EscapeError{`\` + Escape(firstRune(text[i:])) + " is no escape", `there are \r \n \t \0 \\ and \xHH`}
		}
	}
	return out, nil
}

func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}
