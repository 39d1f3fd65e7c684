package sandbox

import (
	"errors"
	"net"
	"strings"
)

// gate rejects a mail command before TLS, EHLO or a login that the service requires. It
// checks TLS before the login, and both before syntax and sequence, as Gmail does
// (recorded 2024-11: MAIL with wrong syntax gets the reply that requires STARTTLS).
func (c *conn) gate() (ok, alive bool) {
	switch {
	case c.service.needTLS && c.tls == nil:
		return false, c.say("mail-before-starttls")
	case c.helo == "":
		return false, c.say("before-ehlo")
	case c.service.needAuth && !c.authed:
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
	from, params, err := parsePath(arg, "FROM:", colon(c.p.google))
	if err == nil && from != "" {
		err = checkMailbox(from, charset(hasWord(params, "SMTPUTF8")))
	}
	switch {
	case c.p.has("no-bounces") && err == nil && from == "":
		return c.reply("550", "5.1.7 the null reverse-path is not accepted")
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
	if key := c.judgeParams(mailParams, params, &tx); key != "" {
		return c.say(key)
	}
	if s, ok := c.p.asked("content", from); ok {
		tx.asked = s.Key
	}
	if !c.begin(tx, arg) {
		return c.lacking(noMemory)
	}
	return c.say("mail-ok", "{addr}", from)
}

func (d Service) offers(keyword string) bool {
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
	to, params, err := parsePath(arg, "TO:", colon(c.p.google))
	if err == nil && !strings.EqualFold(to, "postmaster") {
		err = checkMailbox(to, charset(c.tx.utf8))
	}
	switch {
	case c.p.has("any-recipient"):
	case errors.Is(err, errPathSyntax):
		return c.say("mail-syntax")
	case err != nil && !c.tx.utf8 && checkMailbox(to, withUTF8) == nil:
		return c.say("rcpt-needs-utf8", "{addr}", to)
	case err != nil:
		return c.say("rcpt-invalid", "{addr}", to)
	}
	if s, ok := c.p.asked("rcpt", to); ok {
		return c.saySituation(s, "{addr}", to)
	}
	if key := c.judgeParams(rcptParams, params, &c.tx); key != "" {
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
		if s, ok := c.p.asked(stage, to); ok && !c.lmtp && (!c.tx.prdr || stage == "data") {
			c.tx.asked = s.Key
		}
	}
	if !c.addRcpt(Rcpt{Address: to, Params: params}, arg) {
		return c.lacking(noMemory)
	}
	return c.say("rcpt-ok", "{addr}", to)
}

// literal returns the server's address as an address literal. A server accepts mail for
// its postmaster there (RFC 5321 section 4.5.1).
func (c *conn) literal() string {
	at, ok := c.raw.LocalAddr().(*net.TCPAddr)
	if !ok {
		return ""
	}
	if at.IP.To4() != nil {
		return "[" + at.IP.String() + "]"
	}
	return "[ipv6:" + at.IP.String() + "]"
}

// mayReach returns the key of the reply that rejects a recipient, or "". Without a login,
// only local recipients are accepted.
func (c *conn) mayReach(to string) string {
	if c.authed || c.service.relay {
		return ""
	}
	_, domain, ok := strings.Cut(to, "@")
	domain = strings.ToLower(domain)
	if !ok { // postmaster
		return ""
	}
	// The local part may hide a route, such as user%other.example. A server that follows
	// it relays mail.
	hidden := strings.ContainsAny(to[:len(to)-len(domain)-1], "%!@")
	if c.p.google {
		if domain == "gmail.com" || domain == "googlemail.com" || strings.HasSuffix(domain, "example.com") ||
			strings.HasSuffix(domain, "example.org") || strings.HasSuffix(domain,
			"example.net") {
			if hidden {
				return "unknown-user"
			}
			return ""
		}
		return "mx-relay-denied"
	}
	local := domain == localDomain || domain == "localhost" || domain == strings.ToLower(c.service.Host)
	if local && !hidden || strings.EqualFold(to, "postmaster@"+c.literal()) {
		return ""
	}
	return "relay-denied"
}

// begin opens the transaction of a MAIL command. arg is the argument of MAIL. It reports
// whether there is memory for it.
func (c *conn) begin(tx transaction, arg string) bool {
	n := int64(messageCost + len(arg) + paramCost*len(tx.params))
	if !c.hold(n) {
		return false
	}
	c.forget()
	c.tx = tx
	c.tx.taken = n
	return true
}

// addRcpt adds the recipient of a RCPT command. arg is the argument of RCPT: its length
// counts, because address and parameters are parts of it. It reports whether there is
// memory for it.
func (c *conn) addRcpt(r Rcpt, arg string) bool {
	//mutant:memory-of-envelopes-is-counted is "rcptCost + len(arg) + paramCost*len(r.Params)" "0 * rcptCost"
	n := int64(rcptCost + len(arg) + paramCost*len(r.Params))
	if !c.hold(n) {
		return false
	}
	c.tx.taken += n
	c.tx.rcpts = append(c.tx.rcpts, r)
	return true
}
