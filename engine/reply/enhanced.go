package reply

import (
	"fmt"
	"strconv"
	"strings"
)

// Enhanced is an enhanced status code, class.subject.detail (RFC 3463 section 2). The zero
// value means none.
type Enhanced struct {
	Class   uint8  // 2, 4 or 5
	Subject uint16 // 0 to 999
	Detail  uint16 // 0 to 999
}

// String returns "5.7.26", or "" for the zero value.
func (e Enhanced) String() string {
	if e.Class == 0 {
		return ""
	}
	var b [11]byte
	out := strconv.AppendUint(b[:0], uint64(e.Class), 10)
	out = append(out, '.')
	out = strconv.AppendUint(out, uint64(e.Subject), 10)
	out = append(out, '.')
	out = strconv.AppendUint(out, uint64(e.Detail), 10)
	return string(out)
}

// ParseEnhanced parses "5.7.26". It returns an error for classes other than 2, 4
// and 5, for numbers above 999 and for leading zeros (RFC 3463 section 2).
func ParseEnhanced(s string) (Enhanced, error) {
	e, n := scanEnhanced([]byte(s))
	if n == 0 || n != len(s) {
		return Enhanced{}, fmt.Errorf("enhanced status code %q: want class.subject.detail such as 5.7.1", s)
	}
	return e, nil
}

// enhancedIn finds the enhanced code after the basic one. RFC 2034 section 4 allows it in
// 2yz, 4yz and 5yz replies with the same first digit. Anything else is text, for example
// "250 4.2.2 is our version".
func enhancedIn(body []byte, code int) Enhanced {
	if len(body) < 5 {
		return Enhanced{}
	}
	e, n := scanEnhanced(body[4:])
	if n == 0 || int(e.Class) != code/100 {
		return Enhanced{}
	}
	if rest := body[4+n:]; len(rest) > 0 && rest[0] != ' ' {
		return Enhanced{}
	}
	return e
}

func scanEnhanced(b []byte) (Enhanced, int) {
	if len(b) < 5 || b[1] != '.' || (b[0] != '2' && b[0] != '4' && b[0] != '5') {
		return Enhanced{}, 0
	}
	subject, n := scanNumber(b[2:])
	if n == 0 || 2+n >= len(b) || b[2+n] != '.' {
		return Enhanced{}, 0
	}
	detail, m := scanNumber(b[3+n:])
	if m == 0 {
		return Enhanced{}, 0
	}
	return Enhanced{Class: b[0] - '0', Subject: subject, Detail: detail}, 3 + n + m
}

// scanNumber parses one to three digits without a leading zero.
func scanNumber(b []byte) (uint16, int) {
	n, v := 0, uint16(0)
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		if n == 3 || (n == 1 && b[0] == '0') {
			return 0, 0
		}
		v = v*10 + uint16(b[n]-'0')
		n++
	}
	return v, n
}

// TrimEnhanced removes an enhanced code from the beginning of a reply text and returns
// both.
func TrimEnhanced(text string) (Enhanced, string) {
	e, n := scanEnhanced([]byte(text))
	if n == 0 || (n < len(text) && text[n] != ' ') {
		return Enhanced{}, text
	}
	return e, strings.TrimPrefix(text[n:], " ")
}
