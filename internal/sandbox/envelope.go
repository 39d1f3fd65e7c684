package sandbox

import (
	"errors"
	"strconv"
	"strings"
)

// gate answers a mail command that comes before what the door wants first. The
// order is Gmail's: TLS before login, and both before syntax and sequence
// (recorded 2024-11: MAIL with wrong syntax gets the STARTTLS refusal).
func (c *conn) gate() (ok, alive bool) {
	switch {
	case c.door.needTLS && c.tls == nil:
		return false, c.say("mail-before-starttls")
	case c.helo == "":
		return false, c.say("before-ehlo")
	case c.door.needAuth && !c.authed:
		return false, c.say("mail-before-auth")
	}
	return true, true
}

func (c *conn) doMail(arg string) bool {
	if ok, alive := c.gate(); !ok {
		return alive
	}
	if c.tx.open {
		return c.say("nested-mail")
	}
	from, params, err := parsePath(arg, "FROM:", c.p.google)
	if err == nil && from != "" {
		err = checkMailbox(from, hasWord(params, "SMTPUTF8"))
	}
	switch {
	case c.p.has("no-bounces") && err == nil && from == "":
		return c.reply("550", "5.7.1 bounces are not welcome")
	case c.p.has("any-sender"):
	case errors.Is(err, errPathSyntax):
		return c.say("mail-syntax")
	case err != nil:
		return c.say("mail-invalid", "{addr}", from)
	}
	if s, ok := c.p.asked("mail", from); ok {
		return c.saySituation(s)
	}
	tx := transaction{open: true, from: from, params: params, utf8: hasWord(params, "SMTPUTF8")}
	if key := c.mailParams(params, &tx); key != "" {
		return c.say(key)
	}
	if s, ok := c.p.asked("content", from); ok {
		tx.asked = s.Key
	}
	c.tx = tx
	return c.say("mail-ok", "{addr}", from)
}

// mailParams judges the ESMTP parameters of MAIL; it returns the situation that
// refuses them, or "".
func (c *conn) mailParams(params []string, tx *transaction) string {
	seen := map[string]bool{}
	for _, p := range params {
		key, value, _ := strings.Cut(p, "=")
		key = strings.ToUpper(key)
		if !c.esmtp || seen[key] {
			return "mail-syntax"
		}
		seen[key] = true
		switch key {
		case "SIZE":
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil || n < 0 {
				return "mail-syntax"
			}
			if n > c.door.maxSize && !c.p.has("size-ignored") {
				return "too-big"
			}
		case "BODY":
			if c.p.has("8bit-lie") {
				return "param-unknown"
			}
			switch strings.ToUpper(value) {
			case "7BIT", "8BITMIME":
			case "BINARYMIME":
				if !c.door.offers("BINARYMIME") {
					return "param-value"
				}
				tx.binary = true
			default:
				return "param-value"
			}
		case "SMTPUTF8":
			if value != "" || !c.door.offers(key) || c.p.has("utf8-lie") {
				return "param-value"
			}
		case "AUTH":
			if value == "" {
				return "param-value"
			}
		case "RET":
			if !c.door.offers("DSN") || c.p.has("dsn-lie") {
				return "param-unknown"
			}
			if v := strings.ToUpper(value); v != "FULL" && v != "HDRS" {
				return "param-value"
			}
		case "ENVID":
			if !c.door.offers("DSN") || c.p.has("dsn-lie") {
				return "param-unknown"
			}
			if !isXtext(value) || len(value) > 100 {
				return "param-value"
			}
		default:
			if !c.p.has("unknown-parameters") {
				return "param-unknown"
			}
		}
	}
	return ""
}

func (d Door) offers(keyword string) bool {
	for _, e := range d.extensions {
		if word, _, _ := strings.Cut(e, " "); word == keyword {
			return true
		}
	}
	return false
}

func hasWord(params []string, word string) bool {
	for _, p := range params {
		if strings.EqualFold(p, word) {
			return true
		}
	}
	return false
}

func (c *conn) doRcpt(arg string) bool {
	if ok, alive := c.gate(); !ok {
		return alive
	}
	switch {
	case !c.tx.open:
		return c.say("rcpt-before-mail")
	case c.tx.chunking:
		return c.say("bad-sequence-new")
	}
	to, params, err := parsePath(arg, "TO:", c.p.google)
	if err == nil && !strings.EqualFold(to, "postmaster") {
		err = checkMailbox(to, c.tx.utf8)
	}
	switch {
	case c.p.has("any-recipient"):
	case errors.Is(err, errPathSyntax):
		return c.say("mail-syntax")
	case err != nil && !c.tx.utf8 && checkMailbox(to, true) == nil:
		return c.say("rcpt-needs-utf8", "{addr}", to)
	case err != nil:
		return c.say("rcpt-invalid", "{addr}", to)
	}
	if s, ok := c.p.asked("rcpt", to); ok {
		return c.saySituation(s, "{addr}", to)
	}
	if key := c.rcptParams(params); key != "" {
		return c.say(key)
	}
	if len(c.tx.rcpts) >= c.p.maxRcpts && c.p.has("few-recipients") {
		return c.say("unknown-user")
	}
	if len(c.tx.rcpts) >= c.p.maxRcpts {
		return c.say("too-many-recipients")
	}
	if key := c.mayReach(to); key != "" {
		return c.say(key, "{addr}", to)
	}
	for _, stage := range []string{"content", "data"} {
		if s, ok := c.p.asked(stage, to); ok && !c.lmtp {
			c.tx.asked = s.Key
		}
	}
	c.tx.rcpts = append(c.tx.rcpts, Rcpt{Address: to, Params: params})
	return c.say("rcpt-ok", "{addr}", to)
}

// mayReach is the relay rule: who did not log in reaches local users only.
func (c *conn) mayReach(to string) string {
	if c.authed || c.door.relay {
		return ""
	}
	_, domain, ok := strings.Cut(to, "@")
	domain = strings.ToLower(domain)
	if !ok { // postmaster
		return ""
	}
	// routes hidden in the local part: who takes them may be made to relay
	hidden := strings.ContainsAny(to[:len(to)-len(domain)-1], "%!@")
	if c.p.google {
		if domain == "gmail.com" || domain == "googlemail.com" || strings.HasSuffix(domain, "example.com") || strings.HasSuffix(domain, "example.org") || strings.HasSuffix(domain, "example.net") {
			if hidden {
				return "unknown-user"
			}
			return ""
		}
		return "mx-relay-denied"
	}
	local := domain == localDomain || domain == "localhost" || domain == strings.ToLower(c.door.Host)
	if local && !hidden {
		return ""
	}
	return "relay-denied"
}

func (c *conn) rcptParams(params []string) string {
	for _, p := range params {
		key, value, _ := strings.Cut(p, "=")
		key = strings.ToUpper(key)
		if !c.esmtp {
			return "mail-syntax"
		}
		if (key != "NOTIFY" && key != "ORCPT") || !c.door.offers("DSN") || c.p.has("dsn-lie") {
			return "param-unknown"
		}
		switch key {
		case "NOTIFY":
			words := strings.Split(strings.ToUpper(value), ",")
			for _, w := range words {
				if w != "SUCCESS" && w != "FAILURE" && w != "DELAY" && (w != "NEVER" || len(words) > 1) {
					return "param-value"
				}
			}
		case "ORCPT":
			kind, address, ok := strings.Cut(value, ";")
			if !ok || kind == "" || !isXtext(address) || len(value) > 500 {
				return "param-value"
			}
		}
	}
	return ""
}

// isXtext checks RFC 3461 section 4: printable ASCII, "+" only before two
// capital hexadecimal digits, no "=".
func isXtext(s string) bool {
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c < '!' || c > '~' || c == '=':
			return false
		case c == '+':
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return false
			}
			i += 2
		}
	}
	return true
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'A' <= c && c <= 'F' }
