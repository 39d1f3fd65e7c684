package sandbox

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"time"

	"smtpsh/engine/event"
)

// maxWithinData bounds a message being received beyond its SIZE: what comes after
// is dropped, and the connection with it when it goes on for ever.
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
		c.tx = transaction{}
		return c.saySituation(s)
	}
	if !c.say("data-go") {
		return false
	}
	c.nc.SetReadDeadline(time.Now().Add(c.srv.opts.Idle))
	b, err := c.readMessage()
	if err != nil {
		return false
	}
	c.emit(event.Event{Kind: event.ChunkReceived, Data: b.data, Content: true})
	c.emit(event.Event{Kind: event.LineReceived, Data: []byte(".\r\n")})
	return c.complete(b, false)
}

// deadlined renews the read deadline while bytes come.
type deadlined struct {
	c *conn
	n int64
}

func (d *deadlined) ReadByte() (byte, error) {
	if d.n++; d.n > maxWithinData {
		return 0, errLineTooLong // it would never end
	}
	if d.c.r.Buffered() == 0 {
		d.c.nc.SetReadDeadline(time.Now().Add(d.c.srv.opts.Idle))
	}
	return d.c.r.ReadByte()
}

// situationAtContent is what an address or the account asks for once there is
// content.
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

// complete judges a whole message and answers it.
func (c *conn) complete(b body, chunked bool) bool {
	tx := c.tx
	c.tx = transaction{}
	key := "data-ok"
	if chunked {
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
	case b.size > c.door.maxSize && !c.p.has("size-ignored"):
		refused, isRefused = c.p.situation("too-big"), true
	case b.longLine && c.p.has("short-lines"):
		refused, isRefused = c.p.situation("line-too-long"), true
	case b.bareEnds && !chunked && !c.p.google && !c.p.looseEnds():
		refused, isRefused = c.p.situation("bare-in-data"), true
	case c.p.google && receivedLines(b.data) > 50:
		refused, isRefused = c.p.situation("mail-loop"), true
	case c.p.google && duplicateSubject(b.data):
		refused, isRefused = c.p.table.find("duplicate-header") // not refused before 2022
	}
	m := Message{
		From: tx.from, MailParams: tx.params, Rcpts: tx.rcpts, Data: b.data, Time: c.srv.opts.Now(),
		Door: c.door.Name, HELO: c.helo, User: c.user, TLS: c.tls != nil, Chunked: chunked, BareEnds: b.bareEnds,
	}
	if a := c.rule("MESSAGE", strings.Join(m.addresses(), " ")); a != nil {
		return c.act(a, "MESSAGE", "", func() bool { return c.finish(m, key, refused, isRefused) })
	}
	return c.finish(m, key, refused, isRefused)
}

// finish keeps a message, or says why not.
func (c *conn) finish(m Message, key string, refused Situation, isRefused bool) bool {
	if c.lmtp {
		return c.perRecipient(m, refused, isRefused)
	}
	if isRefused {
		_, domain, _ := strings.Cut(m.From, "@")
		return c.saySituation(refused, "{domain}", domain)
	}
	m.ID = c.keep(m)
	return c.say(key, "{n}", strconv.Itoa(m.ID))
}

// keep stores a message and tells whoever asked.
func (c *conn) keep(m Message) int {
	m.ID = c.srv.store.add(m)
	if c.srv.opts.Received != nil {
		c.srv.opts.Received(m)
	}
	return m.ID
}

// perRecipient gives LMTP's one reply for each accepted recipient, in order
// (RFC 2033 section 4.2); the message is kept for those that were good.
func (c *conn) perRecipient(m Message, refused Situation, all bool) bool {
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
		n = strconv.Itoa(c.keep(m))
	}
	for i, v := range verdicts {
		if !c.saySituation(v, "{addr}", rcpts[i].Address, "{n}", n) {
			return false
		}
	}
	return true
}

func (c *conn) doBdat(arg string) bool {
	if c.p.has("bdat-lie") {
		return c.say("unknown-command")
	}
	size, last, ok := parseBdat(arg)
	if !ok || !c.door.offers("CHUNKING") {
		c.say("bdat-syntax")
		return false // how many octets follow is not known: there is no way on
	}
	// the octets are read in any case, or they would be taken for commands
	keep := c.tx.open && len(c.tx.rcpts) > 0 && !c.tx.failed
	data, err := c.readChunk(size, keep)
	if err != nil {
		return false
	}
	if ok, alive := c.gate(); !ok {
		return alive
	}
	switch {
	case !c.tx.open:
		return c.say("rcpt-before-mail")
	case len(c.tx.rcpts) == 0:
		return c.say("data-before-rcpt")
	case c.tx.failed:
		return c.refuseChunk("bdat-after-failure", last)
	}
	c.emit(event.Event{Kind: event.ChunkReceived, Data: data, Content: true})
	c.tx.chunking = true
	c.tx.chunks.size += size
	c.tx.chunks.data = append(c.tx.chunks.data, data...)
	if c.tx.chunks.size > c.door.maxSize {
		c.tx.chunks.data = nil
		c.tx.failed = true
		return c.refuseChunk("too-big", last)
	}
	if !last {
		return c.say("bdat-chunk-ok", "{n}", strconv.FormatInt(size, 10))
	}
	return c.complete(c.tx.chunks, true)
}

// refuseChunk answers a chunk that is not taken. The last one ends the
// transaction, and LMTP wants a reply for each recipient then (RFC 2033 section
// 4.3).
func (c *conn) refuseChunk(key string, last bool) bool {
	n := 1
	if last {
		if c.lmtp {
			n = len(c.tx.rcpts)
		}
		c.tx = transaction{}
	}
	for range n {
		if !c.say(key) {
			return false
		}
	}
	return true
}

func parseBdat(arg string) (size int64, last, ok bool) {
	f := strings.Fields(arg)
	if len(f) < 1 || len(f) > 2 {
		return 0, false, false
	}
	n, err := strconv.ParseInt(f[0], 10, 64)
	if err != nil || n < 0 || n > maxWithinData {
		return 0, false, false
	}
	if len(f) == 2 {
		if !strings.EqualFold(f[1], "LAST") {
			return 0, false, false
		}
		last = true
	}
	return n, last, true
}

// readChunk reads exactly size octets; beyond the largest message they are not
// kept.
func (c *conn) readChunk(size int64, keep bool) ([]byte, error) {
	room := c.door.maxSize - c.tx.chunks.size
	c.nc.SetReadDeadline(time.Now().Add(c.srv.opts.Idle))
	if !keep || size > room {
		_, err := io.CopyN(io.Discard, c.r, size)
		return nil, err
	}
	data := make([]byte, size)
	_, err := io.ReadFull(c.r, data)
	return data, err
}

// receivedLines counts trace fields: more than 50 hops are a loop to Gmail.
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

// headerLines yields the lines before the first empty one.
func headerLines(data []byte) func(func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.SplitSeq(string(data[:min(len(data), 256<<10)]), "\r\n") {
			if line == "" || !yield(line) {
				return
			}
		}
	}
}

// readMessage reads up to the final dot, with the flaws that the profile has.
func (c *conn) readMessage() (body, error) {
	from := &deadlined{c: c}
	var b body
	var err error
	if c.p.looseEnds() {
		b, err = readLoose(from, c.door.maxSize, c.p.has("lf-dot"))
		b.data = bytes.TrimPrefix(bytes.ReplaceAll(append([]byte("\r\n"), b.data...), []byte("\r\n."), []byte("\r\n")), []byte("\r\n"))
	} else {
		b, err = readData(from, c.door.maxSize)
	}
	if c.p.has("short-lines") {
		b.longLine = false
		for l := range strings.Lines(string(b.data)) {
			b.longLine = b.longLine || len(l) > 200
		}
	}
	if c.p.has("dots-kept") {
		b.data = bytes.ReplaceAll(append([]byte("\r\n"), b.data...), []byte("\r\n."), []byte("\r\n.."))[2:]
	}
	if c.p.has("lines-changed") {
		b.data = bytes.ReplaceAll(b.data, []byte("\r\n"), []byte("\n"))
	}
	return b, err
}

// looseEnds reports that something else than CRLF dot CRLF ends a message.
func (p *Profile) looseEnds() bool { return p.has("lf-dot") || p.has("lf-dot-crlf") }

// readLoose is readData as a careless server has it: a dot between line feeds
// ends the message, and between LF and CRLF if lf is false.
func readLoose(r io.ByteReader, most int64, lf bool) (body, error) {
	var b body
	for {
		c, err := r.ReadByte()
		if err != nil {
			return b, io.ErrUnexpectedEOF
		}
		b.size++
		if b.size <= most {
			b.data = append(b.data, c)
		}
		if c != '\n' {
			continue
		}
		tail := b.data[max(0, len(b.data)-5):]
		switch {
		case bytes.Equal(tail, []byte("\r\n.\r\n")):
			b.data = b.data[:len(b.data)-3]
			return b, nil
		case bytes.HasSuffix(tail, []byte("\n.\n")) && lf:
			b.data = b.data[:len(b.data)-2]
			return b, nil
		case bytes.HasSuffix(tail, []byte("\n.\r\n")) && !lf:
			b.data = b.data[:len(b.data)-3]
			return b, nil
		}
	}
}

// addresses are the recipients of a message.
func (m Message) addresses() []string {
	out := make([]string, len(m.Rcpts))
	for i, r := range m.Rcpts {
		out[i] = r.Address
	}
	return out
}
