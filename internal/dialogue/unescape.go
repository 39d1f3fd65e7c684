package dialogue

import "strings"

// escapes says which escapes a text may have: only \xHH, or also \r, \n and \0.
type escapes bool

const (
	anyEscape escapes = true
	hexEscape escapes = false
)

// unescape decodes \xHH, the form of control bytes in transcripts; with anyEscape, for :write,
// also \r, \n and \0.
func unescape(s string, all escapes) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		switch c := s[i+1]; {
		case c == 'x' && i+3 < len(s) && hexDigit(s[i+2]) >= 0 && hexDigit(s[i+3]) >= 0:
			b.WriteByte(byte(hexDigit(s[i+2])<<4 | hexDigit(s[i+3])))
			i += 3
		case all == anyEscape && strings.IndexByte(`rn0\`, c) >= 0:
			b.WriteByte(map[byte]byte{'r': '\r', 'n': '\n', '0': 0, '\\': '\\'}[c])
			i++
		default:
			b.WriteByte('\\')
		}
	}
	return b.String()
}

func hexDigit(c byte) int { return strings.IndexByte("0123456789abcdef", c|0x20) }
