package engine

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// clean returns an error for characters that could end the line early or change the
// command.
func clean(op, what, s string) error {
	//mutant:CR-LF-and-NUL-do-not-leave-by-a-verb is ">= " ">= 100000"
	if i := strings.IndexAny(s, "\r\n\x00"); i >= 0 {
		return unfit(op, advise(AdviceSendRaw), "the %s has a %s at position %d", what, controlName(s[i]), i+1)
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

// mailbox returns an address in the form for this server. utf8 reports that the address
// needs the SMTPUTF8 parameter (RFC 6531). If the server does not offer it, the domain
// becomes A-labels (RFC 5891), and a non-ASCII local part is an error.
func (s *Session) mailbox(op, address string) (out string, utf8Needed bool, err error) {
	if err := clean(op, "address", address); err != nil {
		return "", false, err
	}
	address = unbracket(address)
	if i := outsideQuotes(address, "<> \t"); i >= 0 { //mutant:addresses-are-no-parameters is ">= " ">= 100"
		return "", false, unfit(op, advise(AdviceParams),
			"the address has a %q at position %d: what follows would be read as parameters", address[i:i+1], i+1)
	}
	if err := tooLong(op, address); err != nil {
		return "", false, err
	}
	if isASCII(address) {
		return address, false, nil
	}
	if !utf8.ValidString(address) {
		return "", false, usage(op, "the address %q is not valid UTF-8", address)
	}
	at := strings.LastIndexByte(address, '@')
	if s.caps.Has("SMTPUTF8") {
		if ascii, err := idna.Lookup.ToASCII(address[at+1:]); at >= 0 && err == nil {
			if err := tooLongName(ascii); err != nil { // in neither form is it a valid name for DNS
				return "", false, usage(op, "the domain of %q has no ASCII form: %v", address, err)
			}
		}
		return address, true, nil
	}
	if at < 0 || !isASCII(address[:at]) {
		return "", false, unfit(op, advise(AdviceSendLine), "the mailbox %q is not ASCII, and the server does not offer SMTPUTF8", address)
	}
	ascii, err := toASCII(address[at+1:])
	if err != nil {
		return "", false, usage(op, "the domain of %q has no ASCII form: %v", address, err)
	}
	return address[:at+1] + ascii, false, nil
}

// outsideQuotes returns the index of the first of some characters outside a quoted string
// of the local part (RFC 5321 section 4.1.2), or -1.
func outsideQuotes(address, chars string) int {
	quoted := false
	for i := 0; i < len(address); i++ {
		switch c := address[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && strings.IndexByte(chars, c) >= 0:
			return i
		}
	}
	return -1
}

// The sizes in octets that every server must accept and that clients should not exceed (RFC
// 5321 section 4.5.3.1).
const (
	maxLocalPart = 64
	maxDomain    = 255
	maxPath      = 256 // with its angle brackets
)

// tooLong returns an error for an address that is longer than servers must accept. Do sends
// such an address, so that the reaction of a server can be tested.
func tooLong(op, address string) error {
	at := strings.LastIndexByte(address, '@')
	switch {
	case at > maxLocalPart: //mutant:what-is-too-long-is-not-sent is "maxLocalPart" "maxLocalPart*10"
		return longer(op, "the local part", at, maxLocalPart, "4.5.3.1.1")
	case at >= 0 && len(address)-at-1 > maxDomain:
		return longer(op, "the domain", len(address)-at-1, maxDomain, "4.5.3.1.2")
	case len(address)+2 > maxPath:
		return longer(op, "the path", len(address)+2, maxPath, "4.5.3.1.3")
	}
	return nil
}

func longer(op, what string, is, most int, section string) error {
	return unfit(op, advise(AdviceSendLine),
		"%s has %d bytes, more than the %d that servers must accept (RFC 5321 section %s)", what, is, most, section)
}

// unbracket returns a@b for <a@b>.
func unbracket(address string) string {
	if n := len(address); n >= 2 && address[0] == '<' && address[n-1] == '>' {
		return address[1 : n-1]
	}
	return address
}

// domain returns a name in the form for EHLO.
func domain(op, name string) (string, error) {
	if err := clean(op, "name", name); err != nil {
		return "", err
	}
	if len(name) > maxDomain {
		return "", longer(op, "the name", len(name), maxDomain, "4.5.3.1.2")
	}
	ascii, err := ASCIIHost(name)
	if err != nil {
		return "", usage(op, "%w", err)
	}
	return ascii, nil
}

// ASCIIHost converts a host name to the form that DNS, certificates and EHLO use:
// each U-label becomes an A-label (RFC 5890 section 2.3.2.1). An ASCII name is
// returned unchanged. The error contains the name that has no ASCII form.
func ASCIIHost(name string) (string, error) {
	if isASCII(name) {
		return name, nil
	}
	ascii, err := toASCII(name)
	if err != nil {
		return "", fmt.Errorf("the host name %q has no ASCII form: %w", name, err)
	}
	return ascii, nil
}

// toASCII returns a name as A-labels. It returns an error for a name that DNS does not
// allow: a label of more than 63 octets, or more than 253 in all (RFC 1035 section 2.3.4).
// A final dot is allowed.
func toASCII(name string) (string, error) {
	ascii, err := idna.Lookup.ToASCII(name)
	if err != nil {
		return "", err
	}
	if err := tooLongName(ascii); err != nil {
		return "", err
	}
	return ascii, nil
}

func tooLongName(ascii string) error {
	for label := range strings.SplitSeq(ascii, ".") {
		if len(label) > maxLabel {
			return fmt.Errorf("the label %.20s... has %d bytes, more than %d (RFC 1035 section 2.3.4)", label, len(label), maxLabel)
		}
	}
	if n := len(strings.TrimSuffix(ascii, ".")); n > maxName {
		return fmt.Errorf("it has %d bytes, more than %d (RFC 1035 section 2.3.4)", n, maxName)
	}
	return nil
}

// The sizes of names in DNS, in octets.
const (
	maxLabel = 63
	maxName  = 253
)
