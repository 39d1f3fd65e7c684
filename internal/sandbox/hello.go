package sandbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"strconv"
	"strings"
	"time"

	"smtpsh/engine/event"
)

// greeting is the command with which a client begins a session.
type greeting bool

const (
	ehlo greeting = true
	helo greeting = false
)

func (c *conn) doHello(arg string, esmtp greeting) bool {
	if c.lmtp {
		return c.say("lhlo-only")
	}
	return c.hello(arg, esmtp)
}

func (c *conn) doLhlo(arg string) bool {
	if !c.lmtp {
		return c.command("LHLO?", arg) // SMTP has no LHLO, so it is an unknown command.
	}
	return c.hello(arg, ehlo)
}

func (c *conn) hello(arg string, esmtp greeting) bool {
	name := strings.TrimSpace(arg)
	if s, ok := c.p.asked("any", name); ok {
		return c.saySituation(s)
	}
	switch {
	case name == "":
		return c.say("ehlo-empty")
	case c.service.refuseNames && (strings.EqualFold(name, "localhost") || strings.HasPrefix(name, "[")):
		c.say("ehlo-refused")
		return false
	case strings.ContainsAny(name, " \t") || !isDomain(name) || !asciiOnly(name):
		return c.say("ehlo-invalid", "{arg}", name)
	}
	c.helo, c.esmtp = strings.Clone(name), esmtp == ehlo // The copy keeps the rest of the line out of memory.
	c.forget()
	if !esmtp {
		return c.say("helo")
	}
	key := c.service.hello
	if c.tls != nil {
		key = c.service.helloTLS
	}
	if len(c.p.flaws) > 0 {
		key = "" // The recorded text does not show the flaws.
	}
	if key != "" {
		return c.say(key)
	}
	first := c.service.Host + " greets " + reflected(name)
	if c.p.google {
		first = c.service.Host + " at your service, [" + c.statedClient() + "]"
	}
	return c.reply("250", append([]string{first}, c.offers()...)...)
}

func asciiOnly(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// offers returns the extensions for an EHLO reply that has no recorded text.
func (c *conn) offers() []string {
	var out []string
	for _, e := range c.service.extensions {
		switch e {
		case "STARTTLS":
			if c.tls != nil && !c.p.has("starttls-again") || !c.service.starttls {
				continue
			}
		case "AUTH":
			if c.tls == nil && !c.p.has("auth-in-clear") || !c.service.login {
				continue
			}
			e += " " + strings.Join(c.mechanisms(), " ")
		case "SIZE":
			e += " " + strconv.FormatInt(c.service.maxSize, 10)
		}
		out = append(out, e)
	}
	return out
}

// mechanisms returns the mechanisms that are possible on this connection: -PLUS requires
// TLS 1.3, EXTERNAL a client certificate.
func (c *conn) mechanisms() []string {
	var out []string
	for _, m := range c.p.mechanisms {
		if strings.HasSuffix(m, "-PLUS") && (c.tls == nil || c.tls.Version < tls.VersionTLS13) {
			continue
		}
		if m == "EXTERNAL" && (c.tls == nil || len(c.tls.PeerCertificates) == 0) {
			continue
		}
		out = append(out, m)
	}
	return out
}

func (c *conn) doStartTLS(arg string) bool {
	switch {
	case !c.service.starttls && c.tls == nil:
		return c.say("unimplemented")
	case c.tls != nil:
		return c.say("starttls-twice")
	case arg != "":
		return c.say("starttls-argument")
	case c.r.Buffered() > 0:
		if c.p.has("injection") {
			break
		}
		// Commands in the same packet would be executed as if they were encrypted, so
		// they are dropped (RFC 3207 section 5).
		c.r.Discard(c.r.Buffered()) //nolint:errcheck // The bytes are in the buffer.
		return c.say("starttls-pipelined")
	}
	if !c.holdTLS() {
		return c.send(tlsWithoutMemory)
	}
	return c.say("starttls-ok") && c.startTLS()
}

// startTLS does the TLS handshake and resets the session (RFC 3207 section 4.2).
func (c *conn) startTLS() bool {
	cfg, behind := c.srv.tls, []byte(nil)
	if c.p.has("injection") { // The fault keeps plaintext commands and executes them after the handshake.
		behind, _ = c.r.Peek(c.r.Buffered())
		behind = bytes.Clone(behind)
	}
	if a := c.rule("TLS", ""); a != nil {
		c.sleep(a.Delay)
		if a.Drop != "" || a.CutTLS {
			if a.CutTLS {
				c.raw.SetReadDeadline(time.Now().Add(writeWait))
				c.raw.Read(make([]byte, 512)) //nolint:errcheck // The ClientHello is not used.
			}
			c.hangUp(a.Reset)
			return false
		}
		if a.Cert != "" {
			other, err := c.srv.id.config(a.Cert)
			if err != nil {
				return false
			}
			cfg = other
		}
	}
	meter := &meter{Conn: c.raw, c: c}
	conn := tls.Server(meter, cfg)
	ctx, cancel := context.WithTimeout(context.Background(), writeWait)
	defer cancel()
	begun := time.Now()
	err := conn.HandshakeContext(ctx)
	cs := conn.ConnectionState()
	c.emit(event.Event{Kind: event.TLSDone, TLS: &cs, Took: time.Since(begun), Err: err})
	if !meter.end(&cs) || err != nil {
		return false
	}
	c.nc, c.tls = conn, &cs
	c.r.Reset(io.MultiReader(bytes.NewReader(behind), conn))
	c.helo, c.esmtp, c.user, c.authed = "", false, "", false
	c.forget()
	return true
}

func (c *conn) doVrfy(arg string) bool {
	if arg == "" {
		return c.say("argument-missing")
	}
	if c.p.google || c.p.closed && !c.p.has("vrfy-open") {
		return c.say("vrfy")
	}
	name := strings.Trim(strings.TrimSuffix(strings.TrimSuffix(arg, " SMTPUTF8"), " "), "<>")
	local, domain, hasDomain := strings.Cut(name, "@")
	for _, a := range c.p.Accounts {
		l, d, _ := strings.Cut(a.User, "@")
		if strings.EqualFold(local, l) && (!hasDomain || strings.EqualFold(domain, d)) {
			return c.reply("250", "2.1.5 <"+a.User+">")
		}
	}
	if s, ok := c.p.asked("rcpt", name); ok {
		return c.saySituation(s)
	}
	return c.say("vrfy")
}

func (c *conn) doExpn(arg string) bool {
	switch {
	case c.p.google || c.p.closed && !c.p.has("expn-open"):
		return c.say("unimplemented")
	case arg == "":
		return c.say("argument-missing")
	case strings.EqualFold(strings.SplitN(strings.Trim(arg, "<>"), "@", 2)[0], "everybody"):
		var lines []string
		for _, a := range c.p.Accounts {
			lines = append(lines, "2.1.5 <"+a.User+">")
		}
		return c.reply("250", lines...)
	}
	return c.say("no-such-list")
}
