package message

import (
	"fmt"
	netmail "net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// mailbox is an address with its display name.
type mailbox struct {
	name    string
	address string // as written; a quoted local part keeps its quotes
}

// mailboxes parses lists of mailboxes (RFC 5322 section 3.4).
func mailboxes(field string, list []string) ([]mailbox, error) {
	var out []mailbox
	for _, s := range list {
		some, err := parseMailboxes(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is not a mailbox: %s", field, s, strings.TrimPrefix(err.Error(), "mail: "))
		}
		for _, m := range some {
			if err := tooLongDomain(m.address); err != nil {
				return nil, fmt.Errorf("%s: %q is not a mailbox: %w", field, s, err)
			}
		}
		out = append(out, some...)
	}
	return out, nil
}

// tooLongDomain returns an error if the domain of an address, written as A-labels, is too
// long for the DNS (RFC 1035 section 2.3.4).
func tooLongDomain(address string) error {
	_, domain := splitAddress(address)
	if isASCII(domain) {
		return nil
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return nil // it has no A-labels and is sent only with SMTPUTF8
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if len(label) > 63 {
			return fmt.Errorf("a label of the domain has %d bytes as an A-label, more than 63 (RFC 1035 section 2.3.4)", len(label))
		}
	}
	if n := len(strings.TrimSuffix(ascii, ".")); n > 253 {
		return fmt.Errorf("the domain has %d bytes as A-labels, more than 253 (RFC 1035 section 2.3.4)", n)
	}
	return nil
}

// parseMailboxes parses one list. net/mail drops the quotes of a local part, and without
// them the address differs. So the address is taken from the text, or quoted again if it
// cannot be found there.
func parseMailboxes(s string) ([]mailbox, error) {
	parsed, err := netmail.ParseAddressList(s)
	if err != nil {
		return nil, err
	}
	written := writtenAddresses(s)
	out := make([]mailbox, len(parsed))
	for i, a := range parsed {
		out[i] = mailbox{a.Name, quoteLocalPart(a.Address)}
		if len(written) == len(parsed) && unquoteLocalPart(written[i]) == a.Address {
			out[i].address = written[i]
		}
	}
	return out, nil
}

// writtenAddresses returns the addresses of a list as written: the text in angle brackets,
// or else the text between two commas. It returns nil for a list with groups.
func writtenAddresses(s string) []string {
	var out []string
	begin, open, shut := 0, -1, -1
	quoted, comment, literal := false, 0, false
	end := func(at int) {
		if open >= 0 && shut > open {
			out = append(out, strings.TrimSpace(s[open+1:shut]))
		} else {
			out = append(out, strings.TrimSpace(s[begin:at]))
		}
		begin, open, shut = at+1, -1, -1
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && (quoted || comment > 0):
			i++
		case quoted:
			quoted = c != '"'
		case c == '(':
			comment++
		case c == ')' && comment > 0:
			comment--
		case comment > 0:
		case c == '"':
			quoted = true
		case c == '[', c == ']':
			literal = c == '['
		case literal:
		case c == ':' && open < 0, c == ';':
			return nil
		case c == '<':
			open = i
		case c == '>':
			shut = i
		case c == ',':
			end(i)
		}
	}
	end(len(s))
	return out
}

// splitAddress splits an address at its last at-sign; a quoted local part may contain
// others.
func splitAddress(address string) (local, domain string) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address, ""
	}
	return address[:at], address[at+1:]
}

// quoteLocalPart puts quotes around a local part that needs them (RFC 5321 section
// 4.1.2).
func quoteLocalPart(address string) string {
	local, domain := splitAddress(address)
	if dotAtom(local) {
		return address
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local) + `"@` + domain
}

// unquoteLocalPart removes the quoting of a local part.
func unquoteLocalPart(address string) string {
	local, domain := splitAddress(address)
	if len(local) < 2 || local[0] != '"' || local[len(local)-1] != '"' {
		return address
	}
	var b strings.Builder
	for inner, i := local[1:len(local)-1], 0; i < len(inner); i++ {
		if inner[i] == '\\' && i+1 < len(inner) {
			i++
		}
		b.WriteByte(inner[i])
	}
	return b.String() + "@" + domain
}

// dotAtom reports whether a text is a Dot-string (RFC 5321 section 4.1.2, with the
// characters of RFC 6531).
func dotAtom(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if !isAtom(part) {
			return false
		}
	}
	return true
}

func isAtom(s string) bool {
	for _, c := range []byte(s) {
		if !isAlnum(c) && c < 0x80 && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// asciiDomain returns an address with its domain as A-labels (RFC 5891 section 4.4). It
// returns the address unchanged if its local part is not ASCII or its domain has no
// A-labels.
func asciiDomain(address string) string {
	local, domain := splitAddress(address)
	if isASCII(address) || !isASCII(local) {
		return address
	}
	if a, err := idna.Lookup.ToASCII(domain); err == nil {
		return local + "@" + a
	}
	return address
}

func isASCII(s string) bool {
	for _, c := range []byte(s) {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// addressList returns the tokens of a list of mailboxes. For asciiOnly, domains are A-labels.
func addressList(name string, list []mailbox, to charset) []token {
	var out []token
	for i, m := range list {
		address := m.address
		if to == asciiOnly {
			address = asciiDomain(address)
		}
		if m.name != "" {
			out = append(out, phrase(name, m.name)...)
		}
		out = append(out, token{" ", "<" + address + ">"})
		if i < len(list)-1 {
			out[len(out)-1].text += ","
		}
	}
	return out
}

// phrase returns the tokens of a display name: atoms, a quoted string, or encoded words.
func phrase(field, name string) []token {
	atoms := !decodes(name)
	for a := range strings.SplitSeq(name, " ") {
		atoms = atoms && isAtom(a) && isASCII(a) && len(a) < lineWanted
	}
	if atoms {
		return words(name)
	}
	if q := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) +
		`"`; printable(name) && !strings.Contains(name, "\t") && len(q) < lineWanted-len(field) {
		return []token{{" ", q}}
	}
	return encodedWords(name, 0, inPhrase)
}

// Addresses returns the addresses of lists of mailboxes (RFC 5322 section 3.4), without
// display names. The error names the list that is wrong.
func Addresses(list []string) ([]string, error) {
	var out []string
	for _, s := range list {
		some, err := parseMailboxes(s)
		if err != nil {
			return nil, fmt.Errorf("%q is not a mailbox: %s", s, strings.TrimPrefix(err.Error(), "mail: "))
		}
		for _, m := range some {
			if err := tooLongDomain(m.address); err != nil {
				return nil, fmt.Errorf("%q is not a mailbox: %w", s, err)
			}
			out = append(out, m.address)
		}
	}
	return out, nil
}
