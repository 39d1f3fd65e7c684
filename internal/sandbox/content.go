package sandbox

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"smtpsh/engine/event"
)

// maxWithinData is the limit of bytes read for one message or chunk. Bytes over the SIZE
// limit are dropped; at maxWithinData the connection is closed.
const maxWithinData = 8 << 30

func (c *conn) doData(arg string) bool {
	if ok, alive := c.gate(); !ok {
		return alive
	}
	switch {
	case arg != "" && !c.p.google:
		return c.say("no-argument")
	case c.tx.chunking:
		return c.say("data-after-bdat")
	case !c.tx.open:
		return c.say("rcpt-before-mail")
	case len(c.tx.rcpts) == 0:
		return c.say("data-before-rcpt")
	case c.tx.binary:
		return c.say("binary-needs-bdat")
	}
	if s, ok := c.situationAtContent(); ok && s.Stage == "data" {
		c.forget()
		return c.saySituation(s)
	}
	if !c.say("data-go") {
		return false
	}
	c.nc.SetReadDeadline(time.Now().Add(c.srv.opts.Idle))
	b := c.newBody()
	defer b.drop() // Only if the message was not kept.
	if err := c.readMessage(b); err != nil {
		return false
	}
	b.show()
	c.emit(event.Event{Kind: event.LineReceived, Data: []byte(".\r\n")})
	b.end()
	return c.complete(b, byDATA)
}

// deadlined reads from a connection and renews the read deadline while bytes arrive.
type deadlined struct {
	c *conn
	n int64
}

func (d *deadlined) ReadByte() (byte, error) {
	if d.n++; d.n > maxWithinData {
		return 0, errLineTooLong // The message may never end.
	}
	if d.c.r.Buffered() == 0 {
		d.c.nc.SetReadDeadline(time.Now().Add(d.c.srv.opts.Idle))
	}
	return d.c.r.ReadByte()
}

// situationAtContent returns the situation of stage data or content that an address or
// the account asks for.
func (c *conn) situationAtContent() (Situation, bool) {
	if c.tx.asked != "" {
		return c.p.situation(c.tx.asked), true
	}
	if a, ok := c.p.account(c.user); ok && a.Situation != "" && c.authed {
		if s := c.p.situation(a.Situation); s.Stage == "content" || s.Stage == "data" {
			return s, true
		}
	}
	return Situation{}, false
}

// carrier is the command that carries a message.
type carrier bool

const (
	byBDAT carrier = true
	byDATA carrier = false
)

// complete accepts or rejects a complete message and sends the reply.
func (c *conn) complete(b *body, by carrier) bool {
	tx := c.tx
	c.tx = transaction{} // Its memory belongs to the message from here on.
	key := "data-ok"
	if by == byBDAT {
		key = "bdat-ok"
	}
	refused, isRefused := Situation{}, false
	if tx.asked != "" || c.authed {
		saved := c.tx
		c.tx = tx
		refused, isRefused = c.situationAtContent()
		c.tx = saved
	}
	switch {
	case isRefused:
	case b.size > c.service.maxSize && !c.p.has("size-ignored"):
		refused, isRefused = c.p.situation("too-big"), true
	case b.lack != nil && b.lack != tooBig:
		refused, isRefused = Situation{Reply: b.lack.reply}, true
	case b.longest > 200 && c.p.has("short-lines"):
		refused, isRefused = c.p.situation("line-too-long"), true
	case b.bareEnds && by == byDATA && !c.p.google && !c.p.looseEnds():
		refused, isRefused = c.p.situation("bare-in-data"), true
	case c.p.google:
		if head := b.head(); receivedLines(head) > 50 {
			refused, isRefused = c.p.situation("mail-loop"), true
		} else if duplicateSubject(head) {
			refused, isRefused = c.p.table.find("duplicate-header") // Gmail accepted it before 2022.
		}
	}
	m := &Message{
		From: tx.from, MailParams: tx.params, Rcpts: tx.rcpts, Data: b.data, Time: c.srv.opts.Now(),
		Service: c.service.Name, HELO: c.helo, User: c.user, TLS: c.tls != nil, Chunked: by == byBDAT, BareEnds: b.bareEnds,
		file: b.file, taken: tx.taken + b.taken, prdr: tx.prdr,
		Client: c.client,
	}
	b.file, b.data, b.taken = nil, nil, 0 // They belong to the message from here on.
	defer func() {
		if !m.kept {
			m.file.close()
			c.release(m.taken)
		}
	}()
	if a := c.rule("MESSAGE", strings.Join(m.addresses(), " ")); a != nil {
		return c.act(a, "MESSAGE", "", func() bool { return c.finish(m, key, refused, isRefused) })
	}
	return c.finish(m, key, refused, isRefused)
}

// finish stores a message, or rejects it, and sends the reply.
func (c *conn) finish(m *Message, key string, refused Situation, isRefused bool) bool {
	if c.lmtp || m.prdr && !isRefused {
		return c.perRecipient(m, refused, isRefused)
	}
	if isRefused {
		_, domain, _ := strings.Cut(m.From, "@")
		return c.saySituation(refused, "{domain}", domain)
	}
	if !c.keep(m) { //mutant:what-is-not-saved-is-not-accepted never
		return c.lacking(unsaved)
	}
	return c.say(key, "{n}", strconv.Itoa(m.ID))
}

// keep stores a message, unless Options.Received returns an error. It reports whether it did.
func (c *conn) keep(m *Message) bool {
	m.ID = c.srv.store.number()
	if c.srv.opts.Received != nil {
		if err := c.srv.opts.Received(*m); err != nil {
			c.srv.lacks(&lack{unsaved.notice, err.Error(), unsaved.reply}, c)
			return false
		}
	}
	m.kept = true
	c.handOver(m.taken) // The memory belongs to the store from here on.
	c.srv.store.add(*m)
	return true
}

// perRecipient sends one reply for each accepted recipient, in order, as LMTP requires
// (RFC 2033 section 4.2). For PRDR a 353 comes before these replies, and one for the whole
// message after them (draft-hall-prdr-00). The message is stored for the recipients with a positive reply.
func (c *conn) perRecipient(m *Message, refused Situation, all bool) bool {
	rcpts := m.Rcpts
	m.Rcpts = nil
	verdicts := make([]Situation, len(rcpts))
	for i, r := range rcpts {
		s, asked := c.p.asked("content", r.Address)
		switch {
		case all:
			verdicts[i] = refused
		case asked:
			verdicts[i] = s
		default:
			verdicts[i] = c.p.situation("data-ok")
			m.Rcpts = append(m.Rcpts, r)
		}
	}
	n := "0"
	if len(m.Rcpts) > 0 {
		ok := c.p.situation("data-ok")
		if c.keep(m) {
			n = strconv.Itoa(m.ID)
		} else {
			for i := range verdicts {
				if verdicts[i].Key == ok.Key {
					verdicts[i] = Situation{Reply: unsaved.reply}
				}
			}
		}
	}
	if m.prdr && !c.reply("353", "content analysis begins") {
		return false
	}
	for i, v := range verdicts {
		if !c.saySituation(v, "{addr}", rcpts[i].Address, "{n}", n) {
			return false
		}
	}
	switch {
	case !m.prdr:
		return true
	case len(m.Rcpts) == 0:
		return c.reply("550", "5.7.1 no recipient accepts the message")
	}
	return c.say("data-ok", "{n}", n)
}

// receivedLines counts the Received fields. Gmail treats more than 50 hops as a mail loop.
func receivedLines(data []byte) int {
	n := 0
	for line := range headerLines(data) {
		if len(line) > 9 && strings.EqualFold(line[:9], "Received:") {
			n++
		}
	}
	return n
}

func duplicateSubject(data []byte) bool {
	n := 0
	for line := range headerLines(data) {
		if len(line) >= 8 && strings.EqualFold(line[:8], "Subject:") {
			n++
		}
	}
	return n > 1
}

// headerLines yields the lines before the first empty line.
func headerLines(data []byte) func(func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.SplitSeq(string(data[:min(len(data), maxHeader)]), "\r\n") {
			if line == "" || !yield(line) {
				return
			}
		}
	}
}

// readMessage reads a message up to the final dot and applies the faults of the profile.
func (c *conn) readMessage(b *body) error {
	from := &deadlined{c: c}
	if !c.p.looseEnds() {
		if err := readData(from, b); err != nil {
			return err
		}
	} else {
		if err := readLoose(from, b, c.p.has("lf-dot")); err != nil {
			return err
		}
		b.replace("\r\n.", "\r\n")
		for l := range bytes.Lines(b.data) {
			b.longest = max(b.longest, len(l))
		}
	}
	if c.p.has("dots-kept") {
		b.replace("\r\n.", "\r\n..")
	}
	if c.p.has("lines-changed") {
		b.replace("\r\n", "\n")
	}
	return nil
}

// addresses returns the recipients of a message.
func (m Message) addresses() []string {
	out := make([]string, len(m.Rcpts))
	for i, r := range m.Rcpts {
		out[i] = r.Address
	}
	return out
}
