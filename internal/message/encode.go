package message

import (
	"encoding/base64"
	"fmt"
	"mime"
	"strings"
	"unicode/utf8"
)

// wordMost is the maximum length of an encoded word in bytes (RFC 2047 section 2).
const wordMost = 75

// The delimiters of an encoded word.
const (
	openQ = "=?utf-8?q?"
	openB = "=?utf-8?b?"
	shut  = "?="
)

func isEncodedWord(s string) bool { return strings.HasPrefix(s, "=?") && strings.HasSuffix(s, shut) }

// decodes reports whether a reader would decode a part of a text as an encoded word.
func decodes(s string) bool {
	if !strings.Contains(s, "=?") {
		return false
	}
	got, err := new(mime.WordDecoder).DecodeHeader(s)
	return err != nil || got != s
}

// position is the place of an encoded word: RFC 2047 section 5 allows fewer characters in a phrase.
type position bool

const (
	inPhrase position = true
	inText   position = false
)

// encodedWords returns a text as encoded words (RFC 2047): in the readable encoding Q if
// most of it is ASCII, else in B. It never splits a character. first is the space in bytes
// for the first word on the line of the field's name. In a phrase fewer characters may stay
// unencoded (section 5, rule 3).
func encodedWords(s string, first int, phrase position) []token {
	q := 0
	for i := range len(s) {
		q += len(quoted(s[i], phrase))
	}
	useQ := q <= 2*len(s)
	room := wordMost
	if first >= 30 { // with less space the first word begins on the next line
		room = min(room, first)
	}
	var out []token
	for s != "" || out == nil {
		n := fitting(s, room-len(openQ)-len(shut), useQ, phrase)
		out = append(out, token{" ", word(s[:n], useQ, phrase)})
		s, room = s[n:], wordMost
	}
	return out
}

// fitting returns how many bytes of a text fit into an encoded word, at least one
// character.
func fitting(s string, room int, useQ bool, phrase position) int {
	n, size := 0, 0
	for n < len(s) {
		_, w := utf8.DecodeRuneInString(s[n:])
		next := size
		if useQ {
			for i := range w {
				next += len(quoted(s[n+i], phrase))
			}
		} else {
			next = base64.StdEncoding.EncodedLen(n + w)
		}
		if next > room && n > 0 {
			break
		}
		n, size = n+w, next
	}
	return n
}

func word(s string, useQ bool, phrase position) string {
	if !useQ {
		return openB + base64.StdEncoding.EncodeToString([]byte(s)) + shut
	}
	var b strings.Builder
	b.WriteString(openQ)
	for i := range len(s) {
		b.WriteString(quoted(s[i], phrase))
	}
	return b.String() + shut
}

// quoted returns a byte in the encoding Q (RFC 2047 section 4.2).
func quoted(c byte, phrase position) string {
	switch {
	case c == ' ':
		return "_"
	case c == '_', c == '=', c == '?', c < 0x21, c > 0x7e, phrase == inPhrase && !isAlnum(c) && strings.IndexByte("!*+-/", c) < 0:
		return fmt.Sprintf("=%02X", c)
	}
	return string(rune(c))
}

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
