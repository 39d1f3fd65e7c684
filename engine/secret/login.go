package secret

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shortestLogin is the Base64 of NUL, a, NUL, b, without its padding.
const shortestLogin = 6

// Logins finds words of a line that are a whole login in Base64: a response of PLAIN,
// XOAUTH2 or OAUTHBEARER (RFC 4616, RFC 7628).
func Logins(line string) []Span {
	var spans []Span
	for at := 0; at < len(line); {
		to := at
		for to < len(line) && isBase64(line[to]) {
			to++
		}
		word := to
		for to < len(line) && line[to] == '=' && to-word < 2 {
			to++
		}
		if word-at >= shortestLogin && (to-at)%4 == 0 && holdsLogin(line[at:to]) {
			spans = append(spans, Span{From: at, To: to})
		}
		at = max(to, at+1)
	}
	return spans
}

func isBase64(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}

func holdsLogin(word string) bool {
	b, err := base64.StdEncoding.DecodeString(word)
	if err != nil {
		return false
	}
	parts := bytes.Split(b, []byte{0})
	return len(parts) == 3 && len(parts[1]) > 0 && len(parts[2]) > 0 || bytes.Contains(b, []byte(bearer))
}

// bearer is the text before the token in XOAUTH2 and OAUTHBEARER.
const bearer = "auth=Bearer "

// InResponse returns the secret in a line of a SASL exchange: the password of PLAIN, the
// token of XOAUTH2 and OAUTHBEARER. If password is set, the whole line is a password in
// Base64. It returns "" if there is none.
func InResponse(line string, password bool) string {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
	if err != nil {
		return ""
	}
	text := string(b)
	switch parts := strings.Split(text, "\x00"); {
	case len(parts) == 3:
		return parts[2]
	case strings.Contains(text, bearer):
		_, token, _ := strings.Cut(text, bearer)
		token, _, _ = strings.Cut(token, "\x01")
		return token
	case password:
		return text
	}
	return ""
}

// IsBase64 reports whether a line is one word of Base64 with its padding, as the lines
// of a SASL exchange are.
func IsBase64(line string) bool {
	word := strings.TrimRight(line, "=")
	if len(word) < 2 || len(line)-len(word) > 2 || len(line)%4 != 0 {
		return false
	}
	for i := range len(word) {
		if !isBase64(word[i]) {
			return false
		}
	}
	return true
}

// TextInBase64 decodes the Base64 of a text, in its only valid form. An ordinary word of
// Base64 letters usually decodes to other bytes. A short one may not, so it needs a mark:
// the padding at its end, or an @ inside.
func TextInBase64(s string) (string, bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) == 0 || !utf8.Valid(b) {
		return "", false
	}
	text := string(b)
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && r != 0 && r != 1 }) {
		return "", false
	}
	if len(b) < 6 && !strings.HasSuffix(s, "=") && !strings.ContainsAny(text, "@\x00") {
		return "", false
	}
	return text, true
}
