package sandbox

import (
	"strconv"
	"strings"
)

// param is an ESMTP parameter that the server supports.
type param struct {
	keyword   string
	extension string // the EHLO keyword of its extension
	lie       string // the flaw with which the extension is offered but the parameter rejected
	// check checks the value and stores what the transaction needs. given reports whether
	// there is an equals sign. It returns the key of the reply that rejects the value, or "".
	check func(c *conn, tx *transaction, value string, given bool) string
}

// badValue is the key of the reply to a value that the grammar does not allow.
const badValue = "param-value"

// mailParams are the parameters of MAIL.
var mailParams = []param{
	{"SIZE", "SIZE", "", checkSize},
	{"BODY", "8BITMIME", "8bit-lie", checkBody},
	{"SMTPUTF8", "SMTPUTF8", "utf8-lie", func(_ *conn, tx *transaction, _ string, given bool) string {
		tx.utf8 = true
		return unless(!given) // RFC 6531 section 3.4: it has no value
	}},
	{"AUTH", "AUTH", "", func(_ *conn, _ *transaction, value string, _ bool) string { return unless(isSubmitter(value)) }},
	{"RET", "DSN", "dsn-lie", func(_ *conn, _ *transaction, value string, _ bool) string {
		return unless(strings.EqualFold(value, "FULL") || strings.EqualFold(value, "HDRS")) // RFC 3461 section 4.3
	}},
	{"ENVID", "DSN", "dsn-lie", func(_ *conn, _ *transaction, value string, _ bool) string {
		text, ok := decodeXtext(value)
		return unless(ok && len(value) <= 100 && isPrintable(text)) // RFC 3461 section 4.4
	}},
	{"PRDR", "PRDR", "", func(_ *conn, tx *transaction, _ string, given bool) string {
		tx.prdr = true
		return unless(!given) // draft-hall-prdr-00: it has no value
	}},
}

// rcptParams are the parameters of RCPT.
var rcptParams = []param{
	{"NOTIFY", "DSN", "dsn-lie", func(_ *conn, _ *transaction, value string, _ bool) string { return unless(isNotify(value)) }},
	{"ORCPT", "DSN", "dsn-lie", func(_ *conn, _ *transaction, value string, _ bool) string { return unless(isOriginal(value)) }},
}

func unless(ok bool) string {
	if ok {
		return ""
	}
	return badValue
}

// judgeParams checks the parameters of MAIL or RCPT. It returns the key of the reply that
// rejects them, or "". It rejects unknown parameters, parameters that are given twice,
// and invalid values.
func (c *conn) judgeParams(known []param, given []string, tx *transaction) string {
	if len(given) > 0 && !c.esmtp {
		return "param-needs-ehlo"
	}
	seen := map[string]bool{}
	for _, g := range given {
		keyword, value, hasValue := strings.Cut(g, "=")
		keyword = strings.ToUpper(keyword)
		if !isKeyword(keyword) || hasValue && !isParamValue(value, tx.utf8 || hasWord(given, "SMTPUTF8")) {
			return badValue
		}
		p := findParam(known, keyword)
		if p == nil || !c.offered(p.extension) || p.lie != "" && c.p.has(p.lie) {
			if p == nil && c.p.has("unknown-parameters") {
				continue
			}
			return "param-unknown"
		}
		if seen[keyword] {
			return "param-twice"
		}
		seen[keyword] = true
		if key := p.check(c, tx, value, hasValue); key != "" {
			return key
		}
	}
	return ""
}

func findParam(known []param, keyword string) *param {
	for i := range known {
		if known[i].keyword == keyword {
			return &known[i]
		}
	}
	return nil
}

// offered reports whether the service offers an extension. AUTH counts as offered if the
// service supports logins, even if only after STARTTLS.
func (c *conn) offered(extension string) bool {
	if extension == "AUTH" {
		return c.service.login
	}
	return c.service.offers(extension)
}

// checkSize checks SIZE (RFC 1870 section 3). Its value has up to 20 digits, which may
// need more than 64 bits.
func checkSize(c *conn, _ *transaction, value string, _ bool) string {
	if value == "" || len(value) > 20 || strings.Trim(value, "0123456789") != "" {
		return badValue
	}
	n, err := strconv.ParseUint(value, 10, 64)
	if (err != nil || n > uint64(c.service.maxSize)) && !c.p.has("size-ignored") {
		return "too-big"
	}
	return ""
}

// checkBody checks BODY (RFC 6152 section 3, RFC 3030 section 3).
func checkBody(c *conn, tx *transaction, value string, _ bool) string {
	switch strings.ToUpper(value) {
	case "7BIT", "8BITMIME":
		return ""
	case "BINARYMIME":
		tx.binary = c.service.offers("BINARYMIME")
		return unless(tx.binary)
	}
	return badValue
}

// isSubmitter checks AUTH= (RFC 4954 section 5): a mailbox as xtext, or <>.
func isSubmitter(value string) bool {
	text, ok := decodeXtext(value)
	address := strings.TrimSuffix(strings.TrimPrefix(text, "<"), ">")
	return ok && len(value) <= 500 && (text == "<>" || checkMailbox(address, withUTF8) == nil)
}

// isNotify checks NOTIFY (RFC 3461 section 4.1): NEVER alone, or a list of the others.
func isNotify(value string) bool {
	words := strings.Split(strings.ToUpper(value), ",")
	for _, w := range words {
		if w != "SUCCESS" && w != "FAILURE" && w != "DELAY" && (w != "NEVER" || len(words) > 1) {
			return false
		}
	}
	return true
}

// isOriginal checks ORCPT (RFC 3461 section 4.2): an address type, a semicolon, and an
// address as xtext, together at most 500 bytes.
func isOriginal(value string) bool {
	kind, address, ok := strings.Cut(value, ";")
	if !ok || kind == "" || !isAtom(kind) || !asciiOnly(kind) || len(value) > 500 {
		return false
	}
	_, ok = decodeXtext(address)
	return ok
}

// isKeyword checks an esmtp-keyword (RFC 5321 section 4.1.2).
func isKeyword(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' && i > 0) {
			return false
		}
	}
	return s != ""
}

// isParamValue checks an esmtp-value (RFC 5321 section 4.1.2, with the bytes that RFC 6531
// section 3.3 adds): not empty, no "=", no space, no control character.
func isParamValue(s string, utf8OK bool) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c == '=' || c == 0x7f || c > 0x7f && !utf8OK {
			return false
		}
	}
	return s != ""
}

// decodeXtext decodes xtext (RFC 3461 section 4): printable ASCII without "=", and "+"
// only before two uppercase hexadecimal digits. It returns false for an empty text.
func decodeXtext(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c < '!' || c > '~' || c == '=':
			return "", false
		case c == '+':
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return "", false
			}
			n, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			c = byte(n)
			i += 2
		}
		b.WriteByte(c)
	}
	return b.String(), s != ""
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'A' <= c && c <= 'F' }

func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
