package sandbox

import (
	"bufio"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/secret"
)

// writeWait is the time limit for sending a reply, and for a TLS handshake.
const writeWait = 30 * time.Second

// Limits on unknown commands and on commands without a login. Google documents the replies
// but not the numbers.
const (
	maxUnknown         = 20
	maxUnauthenticated = 50
)

// conn is one client connection.
type conn struct {
	srv     *Server
	service Service
	p       *Profile
	nc      net.Conn // raw, or TLS on it
	raw     net.Conn
	r       *bufio.Reader
	obs     event.Observer
	id      string // session id
	number  int
	gone    chan struct{} // closed when the connection is
	mod     *Action       // how a rule changes the next reply; nil for no change

	tls      *tls.ConnectionState
	helo     string
	esmtp    bool
	lmtp     bool
	user     string // user who has logged in
	client   string // address of the client that XCLIENT or a PROXY protocol header gave
	claimed  string // user name of the current login
	authed   bool
	unknown  int
	noLogin  int
	quitting bool

	tx transaction

	peer         *peer  // counts of the client's address; nil if the client is not limited
	reserved     int64  // bytes of the server's memory reserved for this connection
	first        []byte // buffer for the beginning of messages
	login        int64  // bytes reserved for the current login
	loginCounted bool   // the current login is counted as failed until it succeeds
}

// transaction is the current transaction: the envelope, and the chunks of BDAT.
type transaction struct {
	open     bool
	from     string
	params   []string
	rcpts    []Rcpt
	utf8     bool
	binary   bool
	chunking bool
	failed   bool // a chunk was rejected: the client must send RSET (RFC 3030 section 2)
	chunks   *body
	taken    int64  // bytes of memory reserved for the envelope
	prdr     bool   // MAIL had PRDR
	asked    string // key of the reply at the end of the message that an address asked for
}

// newConn returns a connection. The caller has reserved connCost for it.
func newConn(s *Server, d Service, nc net.Conn, number int, p *peer) *conn {
	c := &conn{
		peer: p, reserved: connCost, srv: s, service: d, p: s.profile, nc: nc, raw: nc,
		lmtp: d.LMTP, number: number, gone: make(chan struct{}),
	}
	c.r = bufio.NewReaderSize(nc, maxCommand)
	c.id = c.p.newID(d.idPart)
	if s.opts.Observe != nil {
		c.obs = s.opts.Observe(ConnInfo{Number: number, Service: d.Name, Peer: nc.RemoteAddr().String()})
	}
	return c
}

func (c *conn) kill() { c.raw.Close() }

func (c *conn) emit(e event.Event) {
	if c.obs == nil {
		return
	}
	e.Time = time.Now()
	c.obs.Observe(&e)
}

// serve runs the session to its end.
func (c *conn) serve() {
	defer func() {
		c.forget()
		c.release(c.reserved) //mutant:memory-is-given-back is "c.release(c.reserved)" "_ = c.reserved"
	}()
	defer close(c.gone)
	defer c.raw.Close()
	c.emit(event.Event{Kind: event.Connected, Addr: c.raw.RemoteAddr().String(), Text: c.service.Name})
	defer c.emit(event.Event{Kind: event.Closed})
	if c.p.has("proxy-protocol") && !c.readProxyHeader() {
		return
	}
	if c.service.Implicit && (!c.holdTLS() || !c.startTLS()) {
		return
	}
	if !c.greet() {
		return
	}
	for !c.quitting {
		c.nc.SetReadDeadline(time.Now().Add(c.srv.opts.Idle))
		line, clean, err := readCommand(c.r)
		if (err == nil || errors.Is(err, errLineTooLong)) && c.peer != nil && !c.mayCommand(time.Now()) {
			c.send(tooFastReply)
			return
		}
		switch {
		case errors.Is(err, errLineTooLong):
			if !c.say("line-too-long") {
				return
			}
			continue
		case err != nil:
			var ne net.Error
			if errors.As(err, &ne) && ne.Timeout() {
				c.say("idle-timeout")
			}
			return
		}
		text := string(line)
		verb, arg, _ := strings.Cut(text, " ")
		c.received(text, verb, arg)
		if c.p.has("pipelining-lost") && !strings.EqualFold(verb, "DATA") && !strings.EqualFold(verb, "BDAT") {
			c.r.Discard(c.r.Buffered()) //nolint:errcheck // The bytes are in the buffer.
		}
		if !clean && !c.p.google {
			if !c.say("bare-line-end") {
				return
			}
			continue
		}
		verb, arg = strings.ToUpper(verb), trimmed(arg)
		usual := func() bool { return c.command(verb, arg) }
		if a := c.rule(verb, arg); a != nil {
			if !c.act(a, verb, arg, usual) {
				return
			}
		} else if !usual() {
			return
		}
	}
}

// trimmed removes trailing spaces from an argument. It copies the argument if there are
// many, so that stored parts of it do not keep the spaces in memory.
func trimmed(arg string) string {
	short := strings.TrimRight(arg, " ")
	if len(arg)-len(short) > 64 { //mutant:padding-of-commands-is-not-kept never
		return strings.Clone(short)
	}
	return short
}

// greet sends the greeting.
func (c *conn) greet() bool {
	if c.p.has("early-answer") {
		c.nc.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		if line, err := c.r.Peek(1); err == nil && len(line) > 0 {
			if first, _, err := readCommand(c.r); err == nil {
				verb, arg, _ := strings.Cut(string(first), " ")
				if !c.command(strings.ToUpper(verb), arg) {
					return false
				}
			}
		}
	}
	if a := c.rule("CONNECT", ""); a != nil {
		return c.act(a, "CONNECT", "", func() bool { return c.say(c.service.greeting) })
	}
	return c.say(c.service.greeting)
}

// received records a command line and passes it to the observer, credentials masked.
func (c *conn) received(text, verb, arg string) {
	if c.obs == nil && c.srv.commands.memory == nil {
		return
	}
	secrets := secretLines.Response(text)
	masked := string(secret.MaskSpans([]byte(text), secrets))
	_, maskedArg, _ := strings.Cut(masked, " ")
	c.note(masked, verb, maskedArg)
	c.emit(event.Event{Kind: event.LineReceived, Data: []byte(text + "\r\n"), Secrets: secrets})
}

// command runs one command and reports whether the session continues.
func (c *conn) command(verb, arg string) bool {
	switch verb {
	case "EHLO":
		return c.doHello(arg, ehlo)
	case "HELO":
		return c.doHello(arg, helo)
	case "LHLO":
		return c.doLhlo(arg)
	case "QUIT":
		if arg != "" && !c.p.google {
			return c.say("no-argument")
		}
		c.quitting = true
		return c.say("quit")
	case "NOOP":
		if c.p.has("noop-resets") {
			c.forget()
		}
		return c.count() && c.say("noop")
	case "RSET":
		if arg != "" && !c.p.google {
			return c.say("no-argument")
		}
		if !c.p.has("rset-ignored") {
			c.forget()
		}
		return c.count() && c.say("rset")
	case "HELP":
		return c.count() && c.say("help")
	case "VRFY":
		return c.count() && c.doVrfy(arg)
	case "EXPN":
		return c.count() && c.doExpn(arg)
	case "STARTTLS":
		return c.doStartTLS(arg)
	case "AUTH":
		return c.doAuth(arg)
	case "MAIL":
		return c.count() && c.doMail(arg)
	case "RCPT":
		return c.count() && c.doRcpt(arg)
	case "DATA":
		return c.count() && c.doData(arg)
	case "BDAT":
		return c.count() && c.doBdat(arg)
	case "XCLIENT", "XFORWARD":
		if c.p.has("xclient") {
			return c.count() && c.doXclient(verb, arg)
		}
	}
	if c.p.has("crash-on-noise") {
		return false
	}
	if c.unknown++; c.unknown > maxUnknown {
		return c.say("unknown-too-many")
	}
	return c.say("unknown-command")
}

// count closes a session with too many commands before a required login.
func (c *conn) count() bool {
	if c.service.needAuth && !c.authed {
		if c.noLogin++; c.noLogin > maxUnauthenticated {
			c.say("too-many-unauthenticated")
			return false
		}
	}
	return true
}

// say sends the reply of a situation. The pairs are further {placeholders} and their
// values. It reports whether the session continues.
func (c *conn) say(key string, pairs ...string) bool {
	return c.saySituation(c.p.situation(key), pairs...)
}

func (c *conn) saySituation(s Situation, pairs ...string) bool {
	text := s.Reply
	if c.p.bareIDs {
		text = strings.ReplaceAll(text, " - gsmtp", "")
	}
	if strings.IndexByte(text, '{') >= 0 {
		text = c.fill(text, pairs)
	}
	return c.send(text) && !s.closes()
}

// statedClient returns the address of the client that XCLIENT or a PROXY protocol header
// gave, or that of the connection.
func (c *conn) statedClient() string {
	if c.client != "" {
		return c.client
	}
	host, _, _ := net.SplitHostPort(c.raw.RemoteAddr().String())
	return host
}

func (c *conn) fill(text string, pairs []string) string {
	host := c.statedClient()
	_, domain, _ := strings.Cut(c.tx.from, "@")
	for i := 1; i < len(pairs); i += 2 {
		pairs[i] = reflected(pairs[i])
	}
	domain = reflected(domain)
	all := append(pairs,
		"{id}", c.id, "{server}", c.service.Host, "{client-ip}", host, "{ip}", host,
		"{domain}", domain, "{unix-time}", strconv.FormatInt(c.srv.opts.Now().Unix(), 10))
	return strings.NewReplacer(all...).Replace(text)
}

// reflected makes text from a client safe for a reply: printable ASCII, and short enough
// for a line (RFC 5321 sections 4.2 and 4.5.3.1.5).
func reflected(s string) string {
	const most = 200
	out := make([]byte, 0, min(len(s), most))
	for _, b := range []byte(s[:min(len(s), most)]) {
		if b < 0x20 || b >= 0x7f {
			b = '?'
		}
		out = append(out, b)
	}
	if len(s) > most {
		return string(out) + "..."
	}
	return string(out)
}

// send sends a reply whose lines are joined by LF.
func (c *conn) send(text string) bool {
	if c.mod != nil && c.mod.Raw != nil {
		c.emit(event.Event{Kind: event.ChunkSent, Data: c.mod.Raw})
		return c.write(nil)
	}
	text = c.modify(text)
	out := make([]byte, 0, len(text)+16)
	for line := range strings.SplitSeq(text, "\n") {
		from := len(out)
		out = append(append(out, line...), '\r', '\n')
		c.emit(event.Event{Kind: event.LineSent, Data: out[from:]})
	}
	return c.write(out)
}

// reply sends a reply of a code and lines that are not in the table.
func (c *conn) reply(code string, lines ...string) bool {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		b.WriteString(code + sep + l)
	}
	return c.send(b.String())
}
