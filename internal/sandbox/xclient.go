package sandbox

import (
	"bytes"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	proxyproto "github.com/pires/go-proxyproto"

	"smtpsh/engine/event"
)

// The attributes of XCLIENT and XFORWARD (Postfix XCLIENT_README, XFORWARD_README).
var (
	xclientNames  = []string{"NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT"}
	xforwardNames = []string{"NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE"}
)

// doXclient executes XCLIENT and XFORWARD. After XCLIENT the session begins again.
func (c *conn) doXclient(verb, arg string) bool {
	known := xclientNames
	if verb == "XFORWARD" {
		known = xforwardNames
	}
	switch {
	case c.tx.open:
		return c.reply("503", "5.5.1 "+verb+" is not possible in a transaction")
	case arg == "":
		return c.reply("501", "5.5.4 "+verb+" requires attributes")
	}
	values := map[string]string{}
	for word := range strings.FieldsSeq(arg) {
		key, value, ok := strings.Cut(word, "=")
		key = strings.ToUpper(key)
		if !ok || !slices.Contains(known, key) {
			return c.reply("501", "5.5.4 "+verb+" has no attribute "+reflected(key))
		}
		text, ok := decodeXtext(value)
		if !ok && value != "" || !fitsAttribute(key, text) {
			return c.reply("501", "5.5.4 "+key+" has a value that is not allowed")
		}
		values[key] = text
	}
	c.emit(event.Event{Kind: event.Note, Text: strings.ToLower(verb) + ": " + reflected(arg)})
	if verb == "XFORWARD" {
		return c.reply("250", "2.0.0 ok")
	}
	if a := values["ADDR"]; a != "" {
		c.client = strings.TrimPrefix(a, "IPV6:")
	}
	c.helo, c.esmtp, c.user, c.authed = "", false, "", false
	if user := values["LOGIN"]; user != "" && !unavailable(user) {
		c.user, c.authed = user, true
	}
	c.forget()
	return c.say(c.service.greeting)
}

// unavailable reports whether a value says that there is none.
func unavailable(value string) bool { return value == "[UNAVAILABLE]" || value == "[TEMPUNAVAIL]" }

// fitsAttribute checks the form of a value.
func fitsAttribute(key, value string) bool {
	if value == "" || unavailable(value) {
		return true
	}
	switch key {
	case "ADDR", "DESTADDR":
		_, err := netip.ParseAddr(strings.TrimPrefix(value, "IPV6:"))
		return err == nil
	case "PORT", "DESTPORT":
		n, err := strconv.Atoi(value)
		return err == nil && n >= 0 && n <= 65535
	case "PROTO":
		return slices.Contains([]string{"SMTP", "ESMTP", "LMTP"}, strings.ToUpper(value))
	}
	return len(value) <= 255
}

// proxyWait is the time limit for a PROXY protocol header.
const proxyWait = 10 * time.Second

// readProxyHeader reads the header with which each connection must begin. It reports whether
// the header is valid. The address of the client is the one in the header.
func (c *conn) readProxyHeader() bool {
	c.nc.SetReadDeadline(time.Now().Add(proxyWait))
	h, err := proxyproto.Read(c.r)
	if err != nil {
		c.emit(event.Event{Kind: event.Note, Text: "the connection does not begin with a PROXY protocol header: " + err.Error()})
		return false
	}
	text := "PROXY protocol v" + strconv.Itoa(int(h.Version)) + ", "
	if source, dest, ok := h.TCPAddrs(); ok {
		c.client = source.AddrPort().Addr().Unmap().String()
		text += "client " + source.String() + ", server " + dest.String()
	} else {
		text += "without addresses"
	}
	c.emit(event.Event{Kind: event.Note, Text: text})
	if n := c.r.Buffered(); n > 0 { // the beginning of TLS
		rest, _ := c.r.Peek(n)
		conn := &prefixed{Conn: c.raw, rest: bytes.Clone(rest)}
		c.raw, c.nc = conn, conn
		c.r.Reset(conn)
	}
	return true
}

// prefixed is a connection whose first bytes were read already.
type prefixed struct {
	net.Conn
	rest []byte
}

// Read returns those bytes first.
func (p *prefixed) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		return p.Conn.Read(b)
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}
