package engine

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// clean refuses what could end the line early or change the command.
func clean(op, what, s string) error {
	if i := strings.IndexAny(s, "\r\n\x00"); i >= 0 {
		return usage(op, "the %s has a %s at position %d; only Write sends such bytes", what, controlName(s[i]), i+1)
	}
	return nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// mailbox makes an address fit for this server. utf8 reports that the address
// needs the SMTPUTF8 parameter (RFC 6531). Where the server does not offer it,
// the domain becomes A-labels (RFC 5891) and a non-ASCII local part is refused.
func (s *Session) mailbox(op, address string) (out string, utf8Needed bool, err error) {
	if err := clean(op, "address", address); err != nil {
		return "", false, err
	}
	address = unbracket(address)
	if isASCII(address) {
		return address, false, nil
	}
	if !utf8.ValidString(address) {
		return "", false, usage(op, "the address %q is not valid UTF-8", address)
	}
	if s.caps.Has("SMTPUTF8") {
		return address, true, nil
	}
	at := strings.LastIndexByte(address, '@')
	if at < 0 || !isASCII(address[:at]) {
		return "", false, usage(op, "the mailbox %q is not ASCII and the server does not offer SMTPUTF8; Do sends it as it is", address)
	}
	ascii, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		return "", false, usage(op, "the domain of %q has no ASCII form: %v", address, err)
	}
	return address[:at+1] + ascii, false, nil
}

// unbracket takes "<a@b>" for "a@b".
func unbracket(address string) string {
	if n := len(address); n >= 2 && address[0] == '<' && address[n-1] == '>' {
		return address[1 : n-1]
	}
	return address
}

// domain makes a name fit for EHLO.
func domain(op, name string) (string, error) {
	if err := clean(op, "name", name); err != nil {
		return "", err
	}
	if isASCII(name) {
		return name, nil
	}
	ascii, err := idna.Lookup.ToASCII(name)
	if err != nil {
		return "", usage(op, "the name %q has no ASCII form: %v", name, err)
	}
	return ascii, nil
}
