package message

import (
	"strings"
)

// The maximum lengths of header lines, in bytes without CRLF.
const (
	lineWanted = 78  // RFC 5322 section 2.1.1
	lineMost   = 998 // the same section
	lineWords  = 76  // a line with an encoded word, RFC 2047 section 2
)

// token is a part of a field that stays on one line. The white space before it belongs to
// the value: folding inserts a line break before the space, and unfolding keeps the space.
type token struct{ space, text string }

// fold returns a header field as text. It breaks a line before a token that would make it
// longer than the recommended length (RFC 5322 section 2.2.3).
func fold(name string, tokens []token) string {
	wanted := lineWanted
	for _, t := range tokens {
		if isEncodedWord(t.text) {
			wanted = lineWords
		}
	}
	var b strings.Builder
	b.WriteString(name + ":")
	column := len(name) + 1
	for _, t := range tokens {
		n := len(t.space) + len(t.text)
		if column > 0 && column+n > wanted && t.space != "" {
			b.WriteString("\r\n")
			column = 0
		}
		b.WriteString(t.space + t.text)
		column += n
	}
	b.WriteString("\r\n")
	return b.String()
}

// tooLongLine reports whether a field has a line that a server may reject.
func tooLongLine(field string) bool {
	for l := range strings.SplitSeq(field, "\r\n") {
		if len(l) > lineMost {
			return true
		}
	}
	return false
}

// unfold removes the line breaks from a value and keeps the white space after them
// (RFC 5322 section 2.2.3).
func unfold(value string) string {
	return strings.Trim(strings.NewReplacer("\r\n", "", "\n", "").Replace(value), " \t")
}

// words splits a text into words, each with the white space before it. The first one has
// the space after the colon.
func words(value string) []token {
	var out []token
	space := " "
	for value != "" {
		n := strings.IndexAny(value, " \t")
		if n < 0 {
			n = len(value)
		}
		out = append(out, token{space, value[:n]})
		value = value[n:]
		m := len(value) - len(strings.TrimLeft(value, " \t"))
		space, value = value[:m], value[m:]
	}
	return out
}

// syntax tells whether a field is structured (RFC 5322 section 2.2.2).
type syntax bool

const (
	structuredSyntax syntax = true
	freeText         syntax = false
)

// unstructured returns the tokens of a text. It uses encoded words if a reader would
// otherwise get another text: it is not printable ASCII, begins or ends with white space,
// looks like an encoded word, or has a word that is too long for a line. In a structured
// field encoded words are not allowed (RFC 2047 section 5), so printable ASCII stays.
func unstructured(name, value string, structured syntax) []token {
	tokens := words(value)
	plain := printable(value)
	if plain && structured == freeText {
		plain = value == strings.Trim(value, " \t") && !decodes(value)
		for _, t := range tokens {
			plain = plain && len(t.space)+len(t.text) <= lineWanted
		}
	}
	if plain {
		return tokens
	}
	return encodedWords(value, lineWords-len(name)-2, inText)
}

// printable reports whether a text is printable ASCII, spaces and tabs.
func printable(s string) bool {
	for _, c := range []byte(s) {
		if c != '\t' && (c < 0x20 || c > 0x7e) {
			return false
		}
	}
	return true
}

// structuredField reports whether a field is structured, so that its ASCII must not be
// written as encoded words.
func structuredField(name string) bool {
	name = strings.ToLower(name)
	for _, prefix := range []string{"list-", "resent-", "content-", "dkim-", "arc-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return structuredFields[name]
}

var structuredFields = map[string]bool{
	"references": true, "in-reply-to": true, "sender": true, "return-path": true, "received": true, "received-spf": true,
	"authentication-results": true, "autocrypt": true, "auto-submitted": true, "disposition-notification-to": true,
	"errors-to": true, "domainkey-signature": true, "mail-followup-to": true, "tls-required": true, "feedback-id": true,
}

// addressFields are the structured fields that contain mailboxes.
var addressFields = map[string]bool{
	"sender": true, "resent-from": true, "resent-sender": true, "resent-to": true, "resent-cc": true, "resent-reply-to": true,
	"disposition-notification-to": true, "mail-followup-to": true, "errors-to": true,
}
