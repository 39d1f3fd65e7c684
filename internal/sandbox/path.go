package sandbox

import (
	"errors"
	"net/netip"
	"strings"
	"unicode/utf8"
)

var (
	errPathSyntax = errors.New("syntax")
	errAddress    = errors.New("address")
)

// colon selects whether spaces are allowed after the colon of a path.
type colon bool

const (
	spacesAtColon colon = true
	exactColon    colon = false
)

// parsePath parses the path and the parameters after FROM: or TO: (RFC 5321 section
// 4.1.2). It drops a source route. It returns errPathSyntax if there is no <path>, and
// errAddress if the source route is invalid.
func parsePath(arg, keyword string, looseColon colon) (address string, params []string, err error) {
	if len(arg) < len(keyword) || !strings.EqualFold(arg[:len(keyword)], keyword) {
		return "", nil, errPathSyntax
	}
	rest := arg[len(keyword):]
	if looseColon {
		rest = strings.TrimLeft(rest, " ")
	}
	if !strings.HasPrefix(rest, "<") {
		return "", nil, errPathSyntax
	}
	end := closingBracket(rest)
	if end < 0 {
		return "", nil, errPathSyntax
	}
	address, tail := rest[1:end], rest[end+1:]
	if tail != "" && tail[0] != ' ' {
		return address, nil, errPathSyntax
	}
	for p := range strings.SplitSeq(tail, " ") { // Only a space separates parameters.
		if p != "" {
			params = append(params, p)
		}
	}
	if strings.HasPrefix(address, "@") { // source route
		_, after, ok := strings.Cut(address, ":")
		if !ok {
			return address, params, errAddress
		}
		address = after
	}
	return address, params, nil
}

// closingBracket returns the index of the > that ends a path, or -1. It skips quoted text.
func closingBracket(s string) int {
	quoted := false
	for i := 1; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '>' && !quoted:
			return i
		}
	}
	return -1
}

// charset selects the characters that an address may have (RFC 6531).
type charset bool

const (
	withUTF8 charset = true
	noUTF8   charset = false
)

// checkMailbox checks a mailbox against the grammar and the length limits of RFC 5321
// sections 4.1.2 and 4.5.3.1. With withUTF8 it allows the characters of RFC 6531 section 3.3.
func checkMailbox(address string, utf8OK charset) error {
	if len(address) > 254 {
		return errAddress
	}
	for _, c := range []byte(address) {
		if c >= utf8.RuneSelf && !utf8OK {
			return errAddress
		}
	}
	if !utf8.ValidString(address) {
		return errAddress
	}
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at > 64 {
		return errAddress
	}
	local, domain := address[:at], address[at+1:]
	if strings.HasPrefix(local, `"`) {
		if !quotedString(local) {
			return errAddress
		}
	} else {
		for atom := range strings.SplitSeq(local, ".") {
			if atom == "" || !isAtom(atom) {
				return errAddress
			}
		}
	}
	if !isDomain(domain) {
		return errAddress
	}
	return nil
}

func quotedString(s string) bool {
	if len(s) < 2 || !strings.HasSuffix(s, `"`) {
		return false
	}
	for i := 1; i < len(s)-1; i++ {
		c := s[i]
		switch {
		case c == '\\':
			if i++; i >= len(s)-1 {
				return false
			}
		case c == '"', c < 0x20, c == 0x7f:
			return false
		}
	}
	return true
}

func isAtom(s string) bool {
	for _, r := range s {
		if r < utf8.RuneSelf && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
			strings.ContainsRune("!#$%&'*+-/=?^_`{|}~",
				r)) {
			return false
		}
	}
	return true
}

// isDomain accepts host names and address literals (RFC 5321 sections 4.1.2, 4.1.3).
func isDomain(s string) bool {
	if lit, ok := strings.CutPrefix(s, "["); ok {
		lit, ok = strings.CutSuffix(lit, "]")
		lit6, six := strings.CutPrefix(lit, "IPv6:")
		ip, err := netip.ParseAddr(lit6)
		return ok && err == nil && ip.Is6() == six && ip.Zone() == ""
	}
	if s == "" || len(s) > 255 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, r := range label {
			if r < utf8.RuneSelf && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_') {
				return false
			}
		}
	}
	return true
}
